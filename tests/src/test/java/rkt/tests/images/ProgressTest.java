package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Rkt;

/** What transfers look like on a terminal, in a log and to a program. */
class ProgressTest {
  private static final String TERMINAL =
      Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString();

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result terminal(int columns, List<String> steps, String... args) {
    List<String> command =
        new ArrayList<>(
            List.of("env", "TERM=xterm", "python3", TERMINAL, "24", Integer.toString(columns)));
    command.addAll(steps);
    command.add("--");
    command.addAll(rkt.command("--insecure-options=image,http"));
    command.addAll(List.of(args));
    return Rkt.exec(command.toArray(String[]::new));
  }

  @Test
  void aTerminalShowsALiveLineThatEndsAsAPlainOne() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      List<String> steps =
          List.of(
              "expect:Downloading layer sha256:",
              "expect:\u001b[J",
              "expect:\u001b[1A",
              "resize:24:60",
              "expect:\u001b[1A",
              "touch:" + registry.go());
      String out = terminal(100, steps, "fetch", registry.image("waits-in-layer")).ok().out();
      assertThat(out).contains("\u001b[1A").contains("sha256-");
      String last = out.substring(out.lastIndexOf("Downloading layer sha256:"));
      assertThat(last).containsPattern("^Downloading layer sha256:[0-9a-f]{12}: \\S+ MB/\\S+ MB");
      // Nothing is drawn wider than the terminal.
      for (String line : out.split("[\r\n]+")) {
        assertThat(line.replaceAll("\u001b\\[[0-9]*[A-Z]", "").length()).isLessThan(101);
      }
    }
  }

  @Test
  void aTerminalThatCannotMoveItsCursorGetsPlainLines() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String image = registry.image("honest");
      String out = terminal(100, List.of(), "fetch", "--progress=plain", image).ok().out();
      assertThat(out).contains("Downloading layer sha256:").doesNotContain("\u001b");
    }
  }

  @Test
  void aLogGetsALineAtTheBeginningAndOneAtTheEnd() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String err = rkt.insecure("fetch", registry.image("honest")).ok().err();
      List<String> lines = err.lines().filter(line -> line.contains(" layer sha256:")).toList();
      assertThat(lines).hasSize(2);
      assertThat(lines.getFirst())
          .matches("Downloading layer sha256:[0-9a-f]{12}: \\[ +] 0 B/\\S+ MB");
      assertThat(lines.getLast())
          .matches("Downloading layer sha256:[0-9a-f]{12}: \\[=+] (\\S+ MB)/\\1 .* in .*s");
      assertThat(err).doesNotContain("\u001b");
    }
  }

  @Test
  void aBrokenTransferSaysWhereItStopped() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      assertThat(rkt.insecure("fetch", registry.image("other-layer")).exited(254).err())
          .containsPattern("Downloading layer sha256:[0-9a-f]{12}: stopped at ");
    }
  }

  /** Every line is an object, messages included. */
  @Test
  void programsGetJson() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String err =
          rkt.insecure("--debug", "fetch", "--progress=json", registry.image("honest")).ok().err();
      assertThat(err.lines()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
      assertThat(err)
          .contains("{\"event\":\"message\",\"text\":\"image: warning: ")
          .containsPattern(
              "\\{\"event\":\"start\",\"id\":1,\"what\":\"layer"
                  + " sha256:[0-9a-f]{12}\",\"done\":0,\"total\":[0-9]+}")
          .containsPattern("\"event\":\"end\",.*\"outcome\":\"done\"");
      rkt.insecure("fetch", "--progress=json", registry.image("html")).exited(254);
    }
  }

  @Test
  void noneShowsNothingAndOtherWordsAreRefused() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String image = registry.image("honest");
      assertThat(rkt.insecure("fetch", "--progress=none", image).ok().err())
          .doesNotContain("Downloading");
      assertThat(rkt.insecure("fetch", "--progress=fancy", image).exited(254).err())
          .contains("unknown kind of progress display \"fancy\"");
    }
  }
}
