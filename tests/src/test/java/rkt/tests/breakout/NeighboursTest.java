package rkt.tests.breakout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** Two pods and the host: no app sees, signals or writes what belongs to another. */
class NeighboursTest {
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

  /** A pod that waits; it said where it is, and with what pids, when this returns. */
  private Rkt.Running victim(String... before) {
    List<String> commands = new ArrayList<>(List.of(before));
    commands.add("forever");
    Rkt.Running running =
        rkt.startInsecure(
            Probe.arguments(
                Probe.image(rkt, "probe"),
                List.of("--net=none", "--uuid-file-save=" + rkt.home().resolve("victim")),
                List.of(),
                commands.toArray(String[]::new)));
    Rkt.waitFor("the victim", () -> running.output().contains("forever=") || !running.isAlive());
    return running;
  }

  private void end(Rkt.Running victim) {
    rkt.run("stop", "--uuid-file=" + rkt.home().resolve("victim")).ok();
    victim.await().exited(0);
  }

  /** The processes of the machine below the supervisor of a pod. */
  private static List<Long> processes(Rkt.Running pod) {
    return ProcessHandle.of(pod.pid()).orElseThrow().descendants().map(ProcessHandle::pid).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void aPodSeesAndSignalsItselfAlone(String runtime) {
    Runtimes.use(rkt, runtime);
    Rkt.Running victim =
        victim("namespaces", ",", "create", "/tmp/mine", ",", "create", "/dev/shm/mine", ",");
    Probe its = Probe.of(victim.output());
    List<String> commands = new ArrayList<>(List.of("namespaces", ",", "processes"));
    for (long pid : processes(victim)) {
      commands.addAll(List.of(",", "signal", Long.toString(pid), "KILL"));
      commands.addAll(List.of(",", "stat", "/proc/" + pid));
    }
    commands.addAll(List.of(",", "signal", Long.toString(victim.pid()), "KILL"));
    commands.addAll(List.of(",", "stat", "/tmp/mine", "/dev/shm/mine", ",", "ls", "/dev/shm"));
    Probe probe = Probe.run(rkt, List.of(), commands.toArray(String[]::new));
    for (String kind : List.of("cgroup", "ipc", "mnt", "net", "pid", "uts")) {
      assertThat(probe.of("ns", kind))
          .as(kind)
          .isNotEqualTo(its.of("ns", kind))
          .isNotEqualTo(Probe.here("namespaces").of("ns", kind));
    }
    assertThat(probe.all("process").keySet()).containsExactly("1", "2");
    assertThat(probe.all("signal").values()).allMatch("error:ESRCH"::equals);
    assertThat(probe.all("stat").values()).allMatch("error:ENOENT"::equals);
    assertThat(probe.of("ls", "/dev/shm")).isEmpty();
    // Everybody whom it can reach: itself. The others live.
    rkt.insecure(
        Probe.arguments(
            Probe.image(rkt, "probe"), List.of("--net=none"), List.of(), "signal", "-1", "KILL"));
    assertThat(victim.isAlive()).isTrue();
    assertThat(processes(victim)).hasSize(2);
    end(victim);
  }

  /** CVE-2020-15257: abstract sockets of the host, and of another pod, are in another network. */
  @Test
  void abstractSocketsAreOutOfReach() throws IOException {
    String name = "@rkt-breakout";
    Process host =
        new ProcessBuilder(Probe.binary().toString(), "listen", name, ",", "forever")
            .redirectOutput(rkt.home().resolve("listener").toFile())
            .start();
    try {
      Rkt.waitFor(
          "the listener",
          () -> Probe.here("connect", name).of("connect", name).equals("ok") || !host.isAlive());
      Rkt.Running victim = victim("listen", "@rkt-victim", ",");
      assertThat(Probe.of(victim.output()).of("listen", "@rkt-victim")).isEqualTo("ok");
      Probe probe =
          Probe.run(
              rkt,
              List.of(),
              "connect",
              name,
              ",",
              "connect",
              "@rkt-victim",
              ",",
              "read",
              "/proc/net/unix");
      assertThat(probe.of("connect", name)).isEqualTo("error:ECONNREFUSED");
      assertThat(probe.of("connect", "@rkt-victim")).isEqualTo("error:ECONNREFUSED");
      assertThat(probe.of("read", "/proc/net/unix")).doesNotContain("@");
      end(victim);
    } finally {
      host.destroyForcibly();
    }
  }

  /** The other half of CVE-2020-15257: with the host's network there is nothing of ours to find. */
  @Test
  void noAbstractSocketOfOursExists() throws IOException {
    Set<String> before = abstractSockets();
    Path image = Probe.image(rkt, "probe");
    Probe probe =
        Probe.runImage(rkt, image, List.of("--net=host"), List.of(), "read", "/proc/net/unix");
    Set<String> during = new TreeSet<>();
    for (String line : probe.of("read", "/proc/net/unix").split("\n")) {
      if (line.contains("@")) {
        during.add(line.substring(line.indexOf('@')));
      }
    }
    assertThat(before).containsAll(during);
  }

  private static Set<String> abstractSockets() throws IOException {
    Set<String> out = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
      if (line.contains("@")) {
        out.add(line.substring(line.indexOf('@')));
      }
    }
    return out;
  }

  /**
   * A caller's descriptors, variables and directory are its own (CVE-2024-21626, CVE-2016-9962).
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void whatTheCallerHasOpenStaysWithTheCaller(String runtime) {
    Runtimes.use(rkt, runtime);
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "exec 3</ 4</etc/passwd 5<>/dev/null 9</proc/self/ns/mnt; export SECRET=1; \"$@\"",
                "sh"));
    String[] args =
        Probe.arguments(
            Probe.image(rkt, "probe"),
            List.of("--net=none"),
            List.of(),
            "fds",
            ",",
            "env",
            ",",
            "names");
    List<String> insecure = new ArrayList<>(List.of("--insecure-options=image"));
    insecure.addAll(List.of(args));
    command.addAll(rkt.command(insecure.toArray(String[]::new)));
    Probe probe = Probe.of(Rkt.exec(command.toArray(String[]::new)).ok().out());
    assertThat(probe.all("fd").keySet()).containsExactly("0", "1", "2");
    assertThat(probe.all("env")).doesNotContainKey("SECRET").hasSize(6);
    assertThat(probe.get("cwd")).isEqualTo("/");
  }

  /** As many processes as an app likes, which it leaves behind, end with its pod. */
  @Test
  void aCrowdOfProcessesEndsWithItsPod() {
    String name = "left-" + Path.of(rkt.home().toString()).getFileName();
    Probe probe = Probe.run(rkt, List.of(), "leave", "300", name);
    assertThat(probe.get("left")).isEqualTo("300");
    String pod = rkt.pods().getFirst();
    assertThat(rkt.status(pod, "state")).isEqualTo("exited");
    assertThat(Rkt.exec("sh", "-c", "grep -lx " + name + " /proc/[0-9]*/comm").out()).isEmpty();
    assertThat(Leftovers.cgroupsOf(pod)).isEmpty();
  }

  /** With a limit the kernel refuses what is beyond. */
  @Test
  void aForkBombIsBoundedByItsLimit() {
    Probe probe = Probe.run(rkt, List.of("--pids-limit=32"), "fork", "300");
    assertThat(Integer.parseInt(probe.get("forked"))).isBetween(16, 32);
    assertThat(probe.get("fork")).isEqualTo("error:EAGAIN");
  }
}
