package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 1, 1000",
    "500m, 1, 500",
    "1500m, 2, 1500",
    "1u, 1, 1",
    "1n, 1, 1",
    "2k, 2000, 2000000",
    "2K, 2000, 2000000",
    "1M, 1000000, 1000000000",
    "1G, 1000000000, 1000000000000",
    "1Ki, 1024, 1024000",
    "128Mi, 134217728, 134217728000",
    "1Gi, 1073741824, 1073741824000",
    "1.5Gi, 1610612736, 1610612736000",
    ".5, 1, 500",
    "5., 5, 5000",
    "+1, 1, 1000",
    "-1500m, -1, -1500",
    "12e6, 12000000, 12000000000",
    "12E-1, 2, 1200",
    "1E, 1000000000000000000, 9223372036854775807",
    "8Ei, 9223372036854775807, 9223372036854775807",
    "9e30, 9223372036854775807, 9223372036854775807",
    "-9e30, -9223372036854775807, -9223372036854775807",
  })
  void computes(String text, long ceil, long milli) {
    Quantity quantity = new Quantity(text);
    assertThat(quantity.ceilValue()).isEqualTo(ceil);
    assertThat(quantity.milliValue()).isEqualTo(milli);
    assertThat(quantity).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "x", "1 ", "1  ", " 1", "1x", "1e", "1ki", "1mi", "1KiB", "1MB", "--1", "1.2.3",
        ".", "-", "e3", "1e+", "1e1.5", "0x10", "1_000", "٣", "1ee3", "Ki"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> new Quantity(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("bad quantity: ");
  }

  @Test
  void hugeExponentsCostNothing() {
    assertThatThrownBy(() -> new Quantity("1e999999999"))
        .hasMessageStartingWith("quantity out of range");
    assertThatThrownBy(() -> new Quantity("1e-999999999"))
        .hasMessageStartingWith("quantity out of range");
    assertThatThrownBy(() -> new Quantity("9".repeat(100_000)))
        .hasMessageStartingWith("bad quantity");
  }

  @Test
  void longsAgreeWithBigDecimals() {
    String[] suffixes = {
      "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3",
      "E-7", "e30", "e-30"
    };
    Seeds.repeat(
        5_000,
        random -> {
          StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "-" : "");
          for (int i = random.nextInt(22); i >= 0; i--) {
            text.append((char) ('0' + random.nextInt(10)));
          }
          if (random.nextBoolean()) {
            text.append('.');
            for (int i = random.nextInt(12); i > 0; i--) {
              text.append((char) ('0' + random.nextInt(10)));
            }
          }
          text.append(suffixes[random.nextInt(suffixes.length)]);
          Quantity quantity = new Quantity(text.toString());
          assertThat(quantity.ceilValue())
              .as(quantity.text())
              .isEqualTo(saturated(quantity.value()));
          assertThat(quantity.milliValue())
              .as(quantity.text())
              .isEqualTo(saturated(quantity.value().movePointRight(3)));
          assertThat(quantity.isNegative()).isEqualTo(quantity.value().signum() < 0);
        });
  }

  private static long saturated(BigDecimal value) {
    return value
        .setScale(0, RoundingMode.CEILING)
        .min(BigDecimal.valueOf(Long.MAX_VALUE))
        .max(BigDecimal.valueOf(-Long.MAX_VALUE))
        .longValueExact();
  }
}
