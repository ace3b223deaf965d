package rkt.tests.breakout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** An app with a terminal has one of its own: the caller's is out of reach. */
class TerminalTest {
  private static final String TERMINAL =
      Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString();
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result terminal(List<String> command) {
    List<String> all = new ArrayList<>(List.of("python3", TERMINAL, "40", "100", "--"));
    all.addAll(command);
    return Rkt.exec(all.toArray(String[]::new));
  }

  private static Probe probe(Rkt.Result result) {
    return Probe.of(result.out().replace("\r", ""));
  }

  private List<String> run(Path image, List<String> podFlags, String... commands) {
    List<String> args = new ArrayList<>(List.of("--insecure-options=image"));
    args.addAll(Arrays.asList(Probe.arguments(image, podFlags, List.of(), commands)));
    return rkt.command(args.toArray(String[]::new));
  }

  /**
   * CVE-2016-2568, CVE-2017-5226, CVE-2023-1523: TIOCSTI and TIOCLINUX put text into a terminal,
   * for whoever reads it next. After the app a shell reads the caller's: there must be nothing.
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void nothingCanBeTypedIntoTheCallersTerminal(String runtime) {
    Runtimes.use(rkt, runtime);
    String[] attack =
        "tty , inject /dev/tty injected\n , inject 0 injected\n , inject 1 injected\n , namespaces , ls /dev/pts , stat /dev/console"
            .split(" ");
    for (List<String> flags :
        List.of(List.of("--net=none", "--interactive"), List.of("--net=none"))) {
      boolean interactive = flags.contains("--interactive");
      List<String> command =
          new ArrayList<>(
              List.of(
                  "/bin/bash",
                  "-c",
                  "\"$@\"; read -r -t 0 && echo typed: && cat; echo over",
                  "sh"));
      command.addAll(run(Probe.image(rkt, "probe"), flags, attack));
      Rkt.Result result = terminal(command);
      assertThat(result.out()).contains("over").doesNotContain("typed:");
      Probe probe = probe(result);
      assertThat(probe.of("tty", "0")).isEqualTo(interactive ? probe.of("tty", "1") : "no");
      assertThat(probe.of("controlling", "/dev/tty")).isEqualTo(interactive ? "ok" : "error:ENXIO");
      for (String kind : List.of("tiocsti", "tioclinux", "tiocsti64")) {
        for (String where : List.of("/dev/tty", "0", "1")) {
          assertThat(probe.of(kind, where)).as("%s %s", kind, where).startsWith("error:");
        }
      }
      if (interactive) {
        // Its own devpts: the first terminal of a new file system.
        assertThat(probe.of("ls", "/dev/pts")).isEqualTo("0,ptmx");
      }
    }
  }

  /**
   * CVE-2025-52565: what is bound over /dev/console is the app's terminal, whatever the image has.
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void theConsoleIsTheAppsTerminal(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path rootfs = Probe.rootfs(rkt.home().resolve("console-rootfs"));
    Files.createDirectories(rootfs.resolve("dev/pts"));
    Files.createSymbolicLink(rootfs.resolve("dev/console"), Path.of("/proc/sysrq-trigger"));
    Files.createSymbolicLink(rootfs.resolve("dev/pts/0"), Path.of("/proc/sysrq-trigger"));
    Files.createSymbolicLink(rootfs.resolve("dev/ptmx"), Path.of("/proc/sysrq-trigger"));
    Path image = Images.aciOf(rkt, rootfs, "console", List.of("/bin/probe"));
    Probe probe =
        probe(
            terminal(
                    run(
                        image,
                        List.of("--net=none", "--interactive"),
                        "stat /dev/console /dev/pts/0 /dev/tty /dev/ptmx , open /proc/sysrq-trigger w , open /proc/sys/kernel/core_pattern w , mounts"
                            .split(" ")))
                .ok());
    assertThat(probe.stat("/dev/console").type()).isEqualTo("char");
    assertThat(probe.stat("/dev/console").device()).startsWith("136:");
    assertThat(probe.stat("/dev/pts/0").device()).startsWith("136:");
    assertThat(probe.mount("/dev/console").type()).isEqualTo("devpts");
    assertThat(probe.of("open", "/proc/sysrq-trigger")).startsWith("error:");
    assertThat(probe.of("open", "/proc/sys/kernel/core_pattern")).startsWith("error:");
  }
}
