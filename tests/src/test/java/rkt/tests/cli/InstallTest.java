package rkt.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** `./install --prefix`, and the completion script in a real bash. */
class InstallTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void installsAndReplacesAndRuns() throws IOException {
    Path prefix = rkt.home().resolve("a prefix");
    String install = Rkt.ROOT.resolve("install").toString();
    for (int i = 0; i < 2; i++) {
      assertThat(Rkt.exec(install, "--prefix", prefix.toString()).ok().out())
          .contains("Installed rkt Version");
    }
    Path installed = prefix.resolve("bin/rkt");
    assertThat(Files.isSymbolicLink(installed)).isTrue();
    assertThat(prefix.resolve("share/man/man1/rkt-run.1")).isNotEmptyFile();
    assertThat(prefix.resolve("share/bash-completion/completions/rkt")).isNotEmptyFile();
    try (var lib = Files.list(prefix.resolve("lib"))) {
      assertThat(lib.map(Path::getFileName).map(Path::toString)).containsExactly("rkt");
    }
    Path aci = Images.script(rkt, "app", "echo installed");
    Rkt.Result run =
        Rkt.exec(
            installed.toString(),
            "--dir=" + rkt.data(),
            "--insecure-options=image",
            "run",
            "--net=none",
            aci.toString());
    assertThat(run.ok().out()).isEqualTo("installed\n");
    assertThat(Rkt.exec(install, "--nonsense").exited(2).err()).contains("--nonsense");
  }

  @Test
  void completionWorksInBash() {
    String complete =
        ". <("
            + String.join(" ", rkt.command("completion", "bash"))
            + "); COMP_WORDS=(%s); COMP_CWORD=%d; __rkt; echo ${COMPREPLY[@]}";
    assertThat(bash(complete.formatted("rkt st", 1))).isEqualTo("status stop\n");
    assertThat(bash(complete.formatted("rkt image ver", 2))).isEqualTo("verify\n");
    assertThat(bash(complete.formatted("rkt run --hostn", 2))).contains("--hostname=");
    assertThat(rkt.run("completion").exited(254).err()).contains("shell type is not specified");
    assertThat(rkt.run("completion", "zsh").exited(254).err())
        .contains("'zsh' shell is not supported");
  }

  private static String bash(String script) {
    return Rkt.exec("bash", "-c", script).ok().out();
  }
}
