package rkt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0B",
    "9,9B",
    "10,10B",
    "1023,1023B",
    "1024,1.0KiB",
    "1536,1.5KiB",
    "10240,10KiB",
    "12582912,12MiB",
    "1288490189,1.2GiB",
    "1099511627776,1.0TiB",
    "9223372036854775807,8.0EiB",
  })
  void likeTheAncestor(long bytes, String text) {
    assertThat(Sizes.iec(bytes)).isEqualTo(text);
  }
}
