package rkt.stage1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

/** The texts of hosts and resolv.conf (spec/tests.md, appendix A.3). */
class NameFilesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|127.0.0.1\\tmoon;",
        "127.0.0.1 localhost;|127.0.0.1 localhost moon;",
        "127.0.0.1\\tlocalhost|127.0.0.1\\tlocalhost moon",
        "# a;;127.0.0.1 a;127.0.0.1 b;::1 c;|# a;;127.0.0.1 a moon;127.0.0.1 b;::1 c;",
        "10.0.0.1 x;;# 127.0.0.1 no;|10.0.0.1 x;;# 127.0.0.1 no;127.0.0.1\\tmoon;",
        "127.0.0.10 x|127.0.0.10 x;127.0.0.1\\tmoon;",
        "'  127.0.0.1 x;'|'  127.0.0.1 x moon;'",
      })
  void aNameGoesToTheFirstLineOfItsAddress(String before, String after) {
    assertThat(EtcHosts.withName(lines(before), "127.0.0.1", "moon")).isEqualTo(lines(after));
  }

  private static String lines(String text) {
    return text.replace(';', '\n').replace("\\t", "\t");
  }

  @Test
  void entriesFollowTheBaseInTheirOrder() {
    String text = EtcHosts.of(Map.of("192.0.2.1", List.of("a", "b"))).text("moon", "");
    assertThat(text).startsWith(EtcHosts.fallback("moon", "")).endsWith("\n192.0.2.1 a b\n");
    assertThat(EtcHosts.fallback("moon", ""))
        .startsWith(
            "127.0.0.1 localhost localhost.domain localhost4 localhost4.localdomain4 moon\n");
    assertThat(EtcHosts.of(Map.of("127.0.0.1", List.of("x"))).text("moon", ""))
        .contains("localdomain4 moon\n")
        .endsWith("127.0.0.1 x\n");
    assertThat(EtcHosts.fallback("moon", "10.0.0.2")).endsWith("\n10.0.0.2\tmoon\n");
  }

  @Test
  void theResolverFileHasItsOrder() {
    ResolvConf conf =
        ResolvConf.of(
            List.of("192.0.2.1", "192.0.2.2"), List.of("a", "b"), List.of("debug", "rotate"), "d");
    assertThat(conf.text("made by a test"))
        .isEqualTo(
            """
            # made by a test

            search a b
            nameserver 192.0.2.1
            nameserver 192.0.2.2
            options debug rotate
            domain d
            """);
    assertThat(conf.text("")).startsWith("search a b\n");
    assertThat(ResolvConf.DEFAULT.text("")).isEmpty();
  }

  /** Another line could redirect the apps' queries. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nnameserver 192.0.2.1", "a\tb", "a#b", "a;b", "a\u007f"})
  void onlyWordsGoIn(String word) {
    assertThatThrownBy(() -> ResolvConf.of(List.of(), List.of(word), List.of(), ""))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("invalid search domain");
    assertThatThrownBy(() -> EtcHosts.of(Map.of("192.0.2.1", List.of(word))))
        .isInstanceOf(SchemaException.class);
  }
}
