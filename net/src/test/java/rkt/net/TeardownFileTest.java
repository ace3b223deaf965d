package rkt.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TeardownFileTest {
  private static final TeardownFile FILE =
      new TeardownFile(
          Optional.of(Path.of("/run/netns/cni-x")),
          List.of(
              new PluginCall(
                  "a: b", "/p", List.of("-f", "-"), List.of("A=1", "B=x=y"), "{}\n", true),
              new PluginCall("c", "/q", List.of(), List.of(), "", false)),
          List.of(Path.of("/ipam/n")));

  @Test
  void whatIsWrittenIsRead() {
    assertThat(TeardownFile.parse(FILE.bytes())).isEqualTo(FILE);
  }

  /** Whatever a power loss leaves of it, nothing is invented. */
  @Test
  void aTornFileGivesTheCallsBeforeTheTear() {
    byte[] bytes = FILE.bytes();
    for (int length = 0; length < bytes.length; length++) {
      TeardownFile torn = TeardownFile.parse(Arrays.copyOf(bytes, length));
      assertThat(torn.calls()).isEqualTo(FILE.calls().subList(0, torn.calls().size()));
    }
  }

  @Test
  void nulCannotBeSmuggledIn() {
    TeardownFile bad =
        new TeardownFile(
            Optional.empty(),
            List.of(new PluginCall("a\0netns=/", "/p", List.of(), List.of(), "", false)),
            List.of());
    assertThatThrownBy(bad::bytes).isInstanceOf(IllegalArgumentException.class);
  }
}
