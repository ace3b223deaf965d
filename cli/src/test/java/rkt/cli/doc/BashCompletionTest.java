package rkt.cli.doc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script works in a real bash, with a function standing in for rkt. */
class BashCompletionTest {
  private static final String FAKE_RKT =
      """
      rkt() {
        case "$*" in
          "list --full --no-legend")
            printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' u-run a img sha512-0 running now
            printf '\\t%s\\t%s\\t%s\\t\\t\\n' b img sha512-0
            printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' u-end a img sha512-0 exited now
            printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' u-gone a img sha512-0 'exited garbage' now ;;
          "image list --no-legend --full --fields=id") echo sha512-aa; echo sha256-bb ;;
        esac
      }
      """;

  @TempDir Path directory;

  private String complete(String... words) throws IOException, InterruptedException {
    Path bash = Path.of("/bin/bash");
    Assumptions.assumeTrue(Files.isExecutable(bash), "no bash on this machine");
    StringBuilder script = new StringBuilder(BashCompletion.script()).append(FAKE_RKT);
    script.append("COMP_WORDS=(rkt");
    for (String word : words) {
      script.append(" '").append(word).append('\'');
    }
    script.append(")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n__rkt\necho \"${COMPREPLY[*]}\"\n");
    Path file = Files.writeString(directory.resolve("script"), script);
    Process process =
        new ProcessBuilder(bash.toString(), file.toString()).redirectErrorStream(true).start();
    try (InputStream output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(text).isZero();
      return text.strip();
    }
  }

  @Test
  void commands() throws Exception {
    assertThat(complete("st")).isEqualTo("status stop");
    assertThat(complete("image", "")).isEqualTo("build cat-manifest export extract gc inspect list push render rm tag untag verify");
    assertThat(complete("completion", "")).isEqualTo("bash");
  }

  @Test
  void flagsOfTheCommandAndGlobalOnes() throws Exception {
    assertThat(complete("list", "--no")).isEqualTo("--no-legend");
    assertThat(complete("--debug", "image", "list", "--or")).isEqualTo("--order=");
    assertThat(complete("gc", "--d")).isEqualTo("--debug --dir=");
  }

  @Test
  void podsByState() throws Exception {
    assertThat(complete("status", "")).isEqualTo("u-run u-end u-gone");
    assertThat(complete("enter", "")).isEqualTo("u-run");
    assertThat(complete("rm", "")).isEqualTo("u-end u-gone");
  }

  @Test
  void images() throws Exception {
    assertThat(complete("run", "")).isEqualTo("sha512-aa sha256-bb");
    assertThat(complete("image", "rm", "sha2")).isEqualTo("sha256-bb");
  }
}
