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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** {@code rkt enter} is the moment when a process of the host comes into a hostile pod. */
class EnteringTest {
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";
  private static final Path SUPERVISOR = Rkt.ROOT.resolve("build/rkt/lib/rkt-supervisor");

  private Rkt rkt;
  private Path uuid;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    uuid = rkt.home().resolve("uuid");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Running start(Path image, String... commands) {
    List<String> podFlags = List.of("--net=none", "--uuid-file-save=" + uuid);
    Rkt.Running running = rkt.startInsecure(Probe.arguments(image, podFlags, List.of(), commands));
    Rkt.waitFor("the pod", () -> running.output().contains("say=up") || !running.isAlive());
    return running;
  }

  private Rkt.Result enter(String... command) throws IOException {
    List<String> args = new ArrayList<>(List.of("enter", Files.readString(uuid)));
    args.addAll(Arrays.asList(command));
    return rkt.run(args.toArray(String[]::new));
  }

  /** CVE-2019-10144, -10145, -10147; CVE-2022-29162 and CVE-2022-27651 for what is inheritable. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void anEnteredProcessIsNoMoreThanTheApp(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String[] look =
        "caps , seccomp , namespaces , cgroup , fds , open /dev/sda r , mknod /tmp/mem c 1 1 , unshare user , ptrace 1 , open /proc/1/root , open /proc/sysrq-trigger w , keyring , rlimits , scheduling"
            .split(" ");
    List<String> commands = new ArrayList<>(Arrays.asList(look));
    commands.addAll(List.of(",", "say", "up", ",", "forever"));
    Rkt.Running pod = start(Probe.image(rkt, "probe"), commands.toArray(String[]::new));
    List<String> command = new ArrayList<>(List.of("/bin/probe"));
    command.addAll(Arrays.asList(look));
    Probe entered = Probe.of(enter(command.toArray(String[]::new)).ok().out());
    Probe app = Probe.of(pod.output());
    for (String kind :
        List.of(
            "ns", "member", "cgroup", "open", "mknod", "unshare", "ptrace", "keyring", "rlimit")) {
      assertThat(entered.all(kind)).as(kind).isEqualTo(app.all(kind));
    }
    for (String key :
        List.of(
            "cap.effective",
            "cap.permitted",
            "cap.inheritable",
            "cap.bounding",
            "cap.ambient",
            "seccomp",
            "no_new_privs",
            "securebits",
            "oom_score_adj")) {
      assertThat(entered.get(key)).as(key).isEqualTo(app.get(key));
    }
    assertThat(entered.all("fd").keySet()).containsExactly("0", "1", "2");
    rkt.run("stop", "--uuid-file=" + uuid).ok();
    pod.await();
  }

  /** CVE-2024-21626: a directory of the host as standard input is a way to the host's root. */
  @Test
  void aDirectoryIsNoInput() throws IOException {
    Path image = Probe.image(rkt, "probe");
    Rkt.Running pod = start(image, "say", "up", ",", "forever");
    List<String> enter = rkt.command("enter", Files.readString(uuid), "/bin/probe", "fds");
    List<String> run = new ArrayList<>(List.of("--insecure-options=image"));
    run.addAll(
        List.of(Probe.arguments(image, List.of("--net=none", "--interactive"), List.of(), "fds")));
    for (List<String> each : List.of(enter, rkt.command(run.toArray(String[]::new)))) {
      List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$@\" < /", "sh"));
      command.addAll(each);
      Probe probe = Probe.of(Rkt.exec(command.toArray(String[]::new)).ok().out());
      assertThat(probe.of("fd", "0")).isEqualTo("/dev/null");
    }
    rkt.run("stop", "--uuid-file=" + uuid).ok();
    pod.await();
  }

  /** A descriptor of a file is a way to open it anew, for writing, whatever it was opened for. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void filesOfTheHostAreNoInputOrOutput(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod = start(Probe.image(rkt, "probe"), "say", "up", ",", "forever");
    Path input = Files.writeString(rkt.home().resolve("input"), "host");
    Path output = rkt.home().resolve("output");
    String attack =
        "read x; echo $x; for i in 0 1; do readlink /proc/self/fd/$i; done;"
            + " echo evil > /proc/self/fd/0";
    List<String> shell = List.of("/bin/sh", "-c", attack);
    List<List<String>> ways = new ArrayList<>();
    for (String privileged : List.of("false", "true")) {
      List<String> enter = new ArrayList<>(List.of("enter", "--privileged=" + privileged));
      enter.add(Files.readString(uuid));
      enter.addAll(shell);
      ways.add(enter);
    }
    List<String> run = new ArrayList<>(List.of("--insecure-options=image", "run", "--net=none"));
    run.addAll(List.of("--interactive", Images.script(rkt, "sh", attack).toString()));
    ways.add(run);
    for (List<String> way : ways) {
      String script = "\"$@\" < '%s' > '%s' 2> /dev/null".formatted(input, output);
      List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
      command.addAll(rkt.command(way.toArray(String[]::new)));
      Rkt.exec(command.toArray(String[]::new));
      assertThat(input).hasContent("host");
      List<String> lines = Files.readAllLines(output);
      assertThat(lines.getFirst()).as("%s", way).isEqualTo("host");
      assertThat(lines.subList(1, 3)).as("%s", way).allMatch(line -> line.startsWith("pipe:["));
    }
    rkt.run("stop", "--uuid-file=" + uuid).ok();
    pod.await();
  }

  /**
   * CVE-2019-5736, CVE-2016-9962, CVE-2024-21626: an app with CAP_SYS_PTRACE lies in wait for the
   * runtime that enters, for its descriptors, root, directory and program.
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void theEnteringRuntimeIsNoPrey(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path program = Runtimes.installed(runtime);
    byte[] before = Files.readAllBytes(program);
    byte[] supervisor = Files.readAllBytes(SUPERVISOR);
    Path marker = Files.writeString(rkt.home().resolve("marker"), "host");
    Path image =
        Images.aciOf(
            rkt,
            Probe.rootfs(rkt.home().resolve("hunter-rootfs")),
            "hunter",
            List.of("/bin/probe"),
            "--isolator=os/linux/capabilities-retain-set={\"set\":[\"CAP_SYS_PTRACE\",\"CAP_DAC_OVERRIDE\",\"CAP_DAC_READ_SEARCH\",\"CAP_SETUID\"]}");
    Rkt.Running pod =
        start(
            image,
            "symlink",
            "/proc/self/exe",
            "/bin/trap",
            ",",
            "say",
            "up",
            ",",
            "stalk",
            "/done",
            marker.toString());
    for (int i = 0; i < 3; i++) {
      enter("/bin/probe", "say", "entered").ok();
      assertThat(enter("/bin/trap", "--version").out()).doesNotContain(runtime + " version");
    }
    enter("/bin/probe", "create", "/done").ok();
    Probe probe = Probe.of(pod.await().exited(0).out());
    assertThat(Long.parseLong(probe.get("stalked"))).as("processes seen").isPositive();
    assertThat(probe.all("escape")).isEmpty();
    assertThat(probe.all("overwrite").values()).allMatch(each -> each.startsWith("error:"));
    assertThat(Files.readAllBytes(program)).isEqualTo(before);
    assertThat(Files.readAllBytes(SUPERVISOR)).isEqualTo(supervisor);
  }
}
