package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

class TriedPlacesTest {
  private final TriedPlaces tried = new TriedPlaces();

  private void failed(String place, ErrorCode code, String why) {
    tried.failed(place, EngineException.of(code, "fetch x", why, "remedy of " + place));
  }

  @Test
  void oneFailureStaysAsItIs() {
    failed("a", ErrorCode.NETWORK, "down");
    assertThat(tried.failure()).hasMessage("fetch x: down (remedy of a)");
  }

  @Test
  void allAreNamedAndTheMostTellingIsLast() {
    failed("a", ErrorCode.NOT_FOUND, "404");
    failed("b", ErrorCode.REFUSED, "b has a wrong signature");
    failed("c", ErrorCode.NETWORK, "down");
    assertThat(tried.failure())
        .hasMessage(
            "fetch x: none of 3 places has it: a: 404; c: down; b has a wrong signature"
                + " (remedy of b)");
    assertThat(tried.failure().code()).isEqualTo(ErrorCode.REFUSED);
    assertThat(tried.failure().getSuppressed()).hasSize(3);
    assertThat(tried.failure()).as("whose reason would be shown in its place").hasNoCause();
  }

  @Test
  void ofEquallyTellingOnesTheLaterCounts() {
    failed("a", ErrorCode.NETWORK, "down");
    failed("b", ErrorCode.NETWORK, "late");
    assertThat(tried.failure()).hasMessageEndingWith("a: down; b: late (remedy of b)");
  }
}
