package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.net.NetRequest;
import rkt.schema.SchemaException;

/** A host name is checked before anything of the pod exists. */
class LaunchRequestTest {
  private static LaunchRequest named(String hostname) {
    return new LaunchRequest(
        NetRequest.parse(List.of("none")),
        false,
        false,
        Optional.of(hostname),
        true,
        rkt.stage1.ResolvConf.DEFAULT,
        rkt.stage1.EtcHosts.DEFAULT,
        Optional.empty(),
        Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "web-1.example.com", "Web_1", "0", "rkt-."})
  void hostNames(String name) {
    assertThat(named(name).hostname()).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "two words", "a\nb 127.0.0.1", "-a", ".a", "a/b", "\u00fcn\u00ef", "a\u0000"})
  void whatIsNone(String name) {
    assertThatThrownBy(() -> named(name))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("invalid hostname \"");
  }

  @Test
  void theKernelTakesSixtyFourBytes() {
    assertThat(named("a".repeat(64)).hostname()).isPresent();
    assertThatThrownBy(() -> named("a".repeat(65))).isInstanceOf(SchemaException.class);
  }
}
