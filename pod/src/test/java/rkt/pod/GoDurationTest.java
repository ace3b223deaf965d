package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT30M, 30m0s",
    "PT24H, 24h0m0s",
    "PT1M30S, 1m30s",
    "PT1.5S, 1.5s",
    "PT0.2S, 200ms",
    "PT0.0000015S, 1.5µs",
    "PT0.000000001S, 1ns",
    "PT-1H-1S, -1h0m1s",
    "PT1H0.05S, 1h0m0.05s"
  })
  void printsAsTheAncestorDid(Duration duration, String text) {
    assertThat(GoDuration.format(duration)).isEqualTo(text);
  }
}
