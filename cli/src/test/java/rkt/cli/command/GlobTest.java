package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "abc,abc,true",
    "abc,abcd,false",
    "*,abc,true",
    "a*,abc,true",
    "*c,abc,true",
    "a*c,abc,true",
    "a*b*c,aXbYbZc,true",
    "a*bc*c,abc,false",
    "ab*bc,abc,false",
    "*a*b*,xxaxxbxx,true",
    "**,abc,true",
    "*d*,abc,false",
    "a.c,abc,false",
  })
  void matches(String pattern, String text, boolean matches) {
    assertThat(Glob.matches(pattern, text)).isEqualTo(matches);
  }

  @Test
  void emptyAndAbsent() {
    assertThat(Glob.matches("", "")).isTrue();
    assertThat(Glob.matches("*", "")).isTrue();
    assertThat(Glob.matches("*", null)).isFalse();
  }

  /** A matcher that went back would take for ever. */
  @Test
  void hostilePatternsEnd() {
    assertThat(Glob.matches("*a".repeat(5000) + "b", "a".repeat(20_000))).isFalse();
  }
}
