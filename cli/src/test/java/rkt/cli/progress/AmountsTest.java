package rkt.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "999,999 B",
    "1000,1 KB",
    "1049,1.05 KB",
    "3200000,3.2 MB",
    "9994999,9.99 MB",
    "9996000,10 MB",
    "12340000,12.3 MB",
    "99949999,99.9 MB",
    "99960000,100 MB",
    "999499999,999 MB",
    "999500000,1 GB",
    "9223372036854775807,9.22 EB",
  })
  void bytes(long count, String text) {
    assertThat(Amounts.bytes(count)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0s", "59,59s", "61,1m01s", "3599,59m59s", "3660,1h01m", "90000,1d1h"})
  void seconds(long seconds, String text) {
    assertThat(Amounts.seconds(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0.0s", "449,0.4s", "9949,9.9s", "9950,10s", "61000,1m01s"})
  void millis(long millis, String text) {
    assertThat(Amounts.millis(millis)).isEqualTo(text);
  }
}
