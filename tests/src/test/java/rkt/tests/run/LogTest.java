package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Output of apps: relayed whole, logged within bounds. */
class LogTest {
  private static final long ONE_FILE = 10L << 20;

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  /**
   * 24 MB of output: relayed to the byte; the log keeps the last two files of at most 10 MiB each.
   */
  @Test
  void logsRotateAndStayBounded() throws IOException {
    int lines = 240_000;
    Path out = rkt.home().resolve("out");
    Path aci =
        Images.script(
            rkt, "app", "yes " + "x".repeat(98) + " | head -n " + lines + "; echo the end");
    String command = "\"$0\" \"$@\" > '" + out + "'";
    List<String> args = new ArrayList<>(List.of("sh", "-c", command));
    args.addAll(rkt.command("--insecure-options=image", "run", "--net=none", aci.toString()));
    Rkt.exec(args.toArray(String[]::new)).ok();
    assertThat(Files.size(out)).isEqualTo(lines * 99L + "the end\n".length());
    Path logs = rkt.data().resolve("pods/run/" + rkt.pods().getFirst() + "/logs");
    try (var list = Files.list(logs)) {
      assertThat(list.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("app.log", "app.log.1");
    }
    assertThat(Files.size(logs.resolve("app.log"))).isBetween(1L, ONE_FILE);
    assertThat(Files.size(logs.resolve("app.log.1"))).isBetween(ONE_FILE / 2, ONE_FILE);
    List<String> last = Files.readAllLines(logs.resolve("app.log"));
    assertThat(last.getLast()).endsWith(" stdout F the end");
  }

  /** One app or no terminal: output is what the app wrote, byte for byte. */
  @Test
  void outputIsNotTouched() {
    Path aci = Images.script(rkt, "app", "printf 'a\\0b\\377\\n\\n no newline'");
    List<String> args =
        new ArrayList<>(List.of("sh", "-c", "\"$0\" \"$@\" | od -An -tx1 | tr -d ' \\n'"));
    args.addAll(rkt.command("--insecure-options=image", "run", "--net=none", aci.toString()));
    assertThat(Rkt.exec(args.toArray(String[]::new)).ok().out())
        .isEqualTo("610062ff0a0a206e6f206e65776c696e65");
  }
}
