package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;

class OciRuntimesTest {
  @TempDir Path temp;

  @Test
  void aConfiguredRuntimeIsTakenWhenItCanBeExecuted() throws Exception {
    Path binary = Files.writeString(temp.resolve("crun"), "");
    assertThatThrownBy(() -> OciRuntimes.find(Kernel.linux(), Optional.of(binary)))
        .hasMessageContaining("\"" + binary + "\" is not an executable file");
    binary.toFile().setExecutable(true);
    assertThat(OciRuntimes.find(Kernel.linux(), Optional.of(binary)))
        .isEqualTo(new RuntimeChoice(binary, "crun"));
    Path other = Files.copy(binary, temp.resolve("youki"));
    other.toFile().setExecutable(true);
    assertThat(OciRuntimes.find(Kernel.linux(), Optional.of(other)).isCrun()).isFalse();
  }

  @Test
  void aMissingOneIsNotReplacedSilently() {
    Path missing = temp.resolve("nope");
    assertThatThrownBy(() -> OciRuntimes.find(Kernel.linux(), Optional.of(missing)))
        .hasMessageContaining("nope");
  }
}
