package rkt.image.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.schema.ImageId;
import rkt.store.Reference;
import rkt.store.StoredReference;

class CacheControlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=10|10",
        "public, max-age=86400|86400",
        "MAX-AGE=5|5",
        "no-cache|0",
        "no-store|0",
        "max-age=10, no-store|0",
        "no-cache, max-age=10|10",
        "max-age=0|0",
        "max-age=-1|0",
        "max-age=010|0",
        "max-age=x|0",
        "max-age=|0",
        "max-age=7, max-age=x|7",
        "max-age=99999999999999999999|0",
        "''|0"
      })
  void readsTheHeader(String header, long seconds) {
    assertThat(CacheControl.maxAge(List.of(header))).isEqualTo(seconds);
  }

  @Test
  void theLastOfSeveralHeadersWins() {
    assertThat(CacheControl.maxAge(List.of("max-age=10", "no-cache"))).isZero();
  }

  @ParameterizedTest
  @CsvSource({"11,false", "10,false", "9,true", "1,true", "0,true", "-5,false"})
  void isFreshUntilTheAgeIsOver(long secondsAgo, boolean fresh) {
    long now = 1_000_000_000_000L;
    StoredReference stored =
        new StoredReference(
            new Reference("https://h/a.aci", "", 10),
            ImageId.sha512("00"),
            now - secondsAgo * 1_000_000_000L);
    assertThat(CacheControl.isFresh(stored, now)).isEqualTo(fresh);
  }
}
