package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** `--interactive`: a real terminal, with sizes, resizing, Ctrl-C, and restored at the end. */
class InteractiveTest {
  private static final String TERMINAL =
      Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString();

  private Rkt rkt;
  private Path aci;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    aci = Images.aci(rkt, "app", List.of("/bin/sh"));
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result terminal(List<String> steps, String... runArgs) {
    List<String> command = new ArrayList<>(List.of("python3", TERMINAL, "40", "100"));
    command.addAll(steps);
    command.add("--");
    command.addAll(rkt.command("--insecure-options=image", "run", "--net=none"));
    command.addAll(List.of(runArgs));
    return Rkt.exec(command.toArray(String[]::new));
  }

  @Test
  void standardInputIsATerminalOnlyWithTheFlag() {
    String script = "tty -s 2>/dev/null; test -t 0 && echo is-terminal || echo no-terminal";
    assertThat(terminal(List.of(), "--interactive", aci.toString(), "--", "-c", script).ok().out())
        .contains("is-terminal");
    assertThat(terminal(List.of(), aci.toString(), "--", "-c", script).ok().out())
        .contains("no-terminal");
  }

  @Test
  void typedTextArrivesAndTheExitCodeComesBack() {
    Rkt.Result result =
        terminal(
                List.of(
                    "expect:# ", "send:echo got $((40+2))\\n", "expect:got 42", "send:exit 7\\n"),
                "--interactive",
                aci.toString())
            .exited(7);
    assertThat(result.out()).contains("[echo=True canonical=True]");
  }

  @Test
  void sizeIsRightAtTheStartAndAfterResizing() {
    terminal(
            List.of(
                "expect:# ",
                "send:stty size\\n",
                "expect:40 100",
                "resize:50:120",
                "send:sleep 1; stty size\\n",
                "expect:50 120",
                "send:exit\\n"),
            "--interactive",
            aci.toString())
        .ok();
  }

  @Test
  void controlCGoesToTheApp() {
    terminal(
            List.of(
                "expect:# ",
                // A child says it, so that the child is what the terminal interrupts by then.
                "send:sh -c \"echo g''o; sleep 1000\"\\n",
                "expect:go",
                "send:\\x03",
                "expect:# ",
                "send:echo st''ill here\\n",
                "expect:still here",
                "send:exit 0\\n"),
            "--interactive",
            aci.toString())
        .ok();
    Rkt.Result trapped =
        terminal(
            List.of("expect:ready", "send:\\x03", "expect:caught"),
            "--interactive",
            aci.toString(),
            "--",
            "-c",
            "trap 'echo caught; exit 3' INT; echo ready; while true; do sleep 1; done");
    trapped.exited(3);
    assertThat(trapped.out()).contains("[echo=True canonical=True]");
  }

  @Test
  void terminalIsRestoredWhenThePodIsStopped() {
    Path uuid = rkt.home().resolve("uuid");
    List<String> steps = List.of("expect:ready");
    Thread stopper =
        Thread.ofPlatform()
            .start(() -> {
              Rkt.waitFor(
                  "the pod",
                  () ->
                      java.nio.file.Files.exists(uuid)
                          && rkt.run("status", "--uuid-file=" + uuid)
                              .out()
                              .contains("state=running"));
              Rkt.waitFor("its stop", () -> rkt.run("stop", "--uuid-file=" + uuid).exit() == 0);
            });
    Rkt.Result result =
        terminal(
            steps,
            "--interactive",
            "--uuid-file-save=" + uuid,
            aci.toString(),
            "--",
            "-c",
            "trap 'exit 0' TERM; echo ready; while true; do sleep 1; done");
    assertThat(result.out()).contains("[echo=True canonical=True]");
    try {
      stopper.join(60_000);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyOneAppMayHaveTheTerminal() {
    assertThat(
            rkt.insecure("run", "--interactive", aci.toString(), aci.toString()).exited(254).err())
        .contains("interactive option only supports one image");
  }
}
