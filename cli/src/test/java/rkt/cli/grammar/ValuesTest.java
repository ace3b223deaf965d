package rkt.cli.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Go's notations, read and written. */
class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "-0,0",
    "5ns,5",
    "1.5us,1500",
    "10ms,10000000",
    "1s,1000000000",
    "1h30m,5400000000000",
    "-2m,-120000000000",
    "+1s,1000000000",
    ".5s,500000000",
    "1.s,1000000000",
    "2562047h,9223369200000000000",
  })
  void durations(String text, long nanos) throws UsageException {
    assertThat(Values.duration(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "x", "1", "1.2.3s", ".s", "1d", "s", "3000000h", "1s2", "1 s"})
  void badDurations(String text) {
    assertThatThrownBy(() -> Values.duration(text))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("time: ");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0s",
    "1800000000000,30m0s",
    "86400000000000,24h0m0s",
    "1500000000,1.5s",
    "2000000,2ms",
    "1500,1.5\u00b5s",
    "7,7ns",
    "-60000000000,-1m0s",
    "3605000000000,1h0m5s",
  })
  void durationTexts(long nanos, String text) {
    assertThat(Values.durationText(nanos)).isEqualTo(text);
  }

  @Test
  void booleans() throws UsageException {
    for (String yes : new String[] {"1", "t", "T", "TRUE", "true", "True"}) {
      assertThat(Values.bool(yes)).isTrue();
    }
    for (String no : new String[] {"0", "f", "F", "FALSE", "false", "False"}) {
      assertThat(Values.bool(no)).isFalse();
    }
    assertThat(Values.isBool("yes")).isFalse();
    assertThat(Values.isBool("tRUE")).isFalse();
  }

  @Test
  void quotes() {
    assertThat(Values.quote("a\"b\\c\nd\te\u0001ü")).isEqualTo("\"a\\\"b\\\\c\\nd\\te\\x01ü\"");
  }
}
