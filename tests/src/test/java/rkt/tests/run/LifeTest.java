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
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/** Running pods: what stays alive, stopping, killing, entering, logs, removing. */
class LifeTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Running sleeper(String script, String... flags) {
    Path aci = Images.script(rkt, "app", script);
    Path file = rkt.home().resolve("uuid");
    List<String> args = new ArrayList<>(List.of("run", "--net=none", "--uuid-file-save=" + file));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    Rkt.Running running = rkt.startInsecure(args.toArray(String[]::new));
    Rkt.waitFor(
        "the app to speak; stderr: " + running.errors(),
        () -> running.output().contains("up") || !running.isAlive());
    return running;
  }

  private String uuid() {
    try {
      return Files.readString(rkt.home().resolve("uuid"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void runningPodHasNoJvmAndKeepsPidAndStaysSmall() throws IOException {
    Rkt.Running running = sleeper("echo up; sleep 60");
    assertThat(Files.readString(Path.of("/proc/" + running.pid() + "/comm")))
        .isEqualTo("rkt-supervisor\n");
    long privateKib = 0;
    List<Long> pids = new ArrayList<>(List.of(running.pid()));
    ProcessHandle.of(running.pid()).orElseThrow().children().forEach(p -> pids.add(p.pid()));
    int ours = 0;
    for (long pid : pids) {
      String comm = Files.readString(Path.of("/proc/" + pid + "/comm"));
      assertThat(comm).isNotEqualTo("java\n");
      if (comm.startsWith("rkt")) {
        ours++;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
          if (line.startsWith("Private_")) {
            privateKib += Long.parseLong(line.replaceAll("[^0-9]", ""));
          }
        }
      }
    }
    assertThat(ours).isEqualTo(2);
    assertThat(privateKib).isLessThan(1024);
    assertThat(Files.readString(Path.of("/proc/" + running.pid() + "/cgroup")))
        .isEqualTo(Files.readString(Path.of("/proc/self/cgroup")));
    rkt.run("stop", uuid()).ok();
    running.await();
  }

  @Test
  void stopEndsThePodAndRunExitsZero() {
    Rkt.Running running = sleeper("echo up; sleep 60");
    assertThat(rkt.run("stop", uuid()).ok().out()).contains("\"" + uuid() + "\"");
    running.await().exited(0);
    assertThat(rkt.status(uuid(), "state")).isEqualTo("exited");
    assertThat(rkt.run("stop", uuid()).ok().out())
        .contains("pod \"" + uuid() + "\" is already stopped");
    Leftovers.assertNoneOfPod(uuid());
  }

  @Test
  void forcedStopKills() {
    Rkt.Running running = sleeper("trap '' TERM; echo up; while true; do sleep 1; done");
    rkt.run("stop", "--force", uuid()).ok();
    assertThat(running.await().exit()).isEqualTo(137);
    assertThat(rkt.status(uuid(), "state")).isEqualTo("exited");
    Leftovers.assertNoneOfPod(uuid());
  }

  @Test
  void stopTakesUuidFilesAndUnknownPodsFail() {
    Rkt.Running running = sleeper("echo up; sleep 60");
    rkt.run("stop", "--uuid-file=" + rkt.home().resolve("uuid")).ok();
    running.await().exited(0);
    Rkt.Result unknown = rkt.run("stop", "00000000-0000-4000-8000-000000000000").exited(254);
    assertThat(unknown.err()).contains("no matches found for").contains("failed to stop 1 pod(s)");
  }

  @Test
  void termOfTheProcessStopsThePod() {
    Rkt.Running running =
        sleeper("trap 'echo bye; exit 0' TERM; echo up; while true; do sleep 1 & wait $!; done");
    running.signal("TERM");
    Rkt.Result result = running.await().exited(0);
    assertThat(result.out()).contains("bye");
  }

  @Test
  void killingTheSupervisorKillsThePodAndGcCleans() {
    Rkt.Running running = sleeper("echo up; sleep 3917 & sleep 3918");
    Rkt.waitFor(
        "both processes", () -> sleeperFor(3917).isPresent() && sleeperFor(3918).isPresent());
    running.signal("KILL");
    running.await().exited(137);
    Rkt.waitFor("the apps to die", () -> sleeperFor(3917).isEmpty() && sleeperFor(3918).isEmpty());
    Rkt.waitFor("the pod to be seen as exited", () -> rkt.status(uuid(), "state").equals("exited"));
    String uuid = uuid();
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.pods()).isEmpty();
    Leftovers.assertNoneOfPod(uuid);
  }

  @Test
  void listAndStatusOfARunningPod() {
    Rkt.Running running = sleeper("echo up; sleep 60");
    String list = rkt.run("list").ok().out();
    assertThat(list.lines().findFirst().orElseThrow())
        .startsWith("UUID")
        .contains("APP")
        .contains("IMAGE NAME")
        .contains("STATE")
        .contains("NETWORKS");
    assertThat(list)
        .contains(uuid().substring(0, 8))
        .contains("example.com/app:1.0.0")
        .contains("running");
    assertThat(rkt.status(uuid().substring(0, 8), "state")).isEqualTo("running");
    assertThat(rkt.status(uuid(), "pid")).matches("[0-9]+");
    assertThat(rkt.status(uuid(), "exited")).isEqualTo("false");
    assertThat(rkt.run("status", "--wait-ready=20s", uuid()).ok().out()).contains("state=running");
    assertThat(rkt.run("status", "--wait=100ms", uuid()).exited(254).err())
        .contains("error waiting for pod to finish");
    assertThat(rkt.run("list", "--format=json").ok().out())
        .startsWith("[{")
        .contains("\"state\":\"running\"");
    assertThat(rkt.run("rm", uuid()).exited(254).err()).contains("is currently running");
    rkt.run("stop", uuid()).ok();
    running.await();
    assertThat(rkt.run("status", "--wait", uuid()).ok().out())
        .contains("state=exited")
        .contains("exited=true")
        .contains("app-app=0");
  }

  @Test
  void enterHasTheAppsOwnRestrictions() throws IOException {
    Rkt.Running running = sleeper("echo up; sleep 60");
    Rkt.Result result =
        rkt.run(
                "enter",
                uuid(),
                "/bin/sh",
                "-c",
                "grep -E '^(CapBnd|CapEff|Seccomp):' /proc/self/status; echo app=$AC_APP_NAME; ps -o comm; exit 3")
            .exited(3);
    assertThat(result.out())
        .contains("CapBnd:\t00000000a80425fb")
        .contains("CapEff:\t00000000a80425fb")
        .contains("Seccomp:\t2")
        .contains("app=app")
        .contains("sleep");
    assertThat(
            rkt.run("enter", uuid(), "/bin/sh", "-c", "mknod /tmp/m c 1 1 && head -c1 /tmp/m")
                .exit())
        .isNotZero();
    Rkt.Running visitor = rkt.start("enter", uuid(), "/bin/sleep", "3921");
    Rkt.waitFor("the visitor", () -> sleeperFor(3921).isPresent() || !visitor.isAlive());
    assertThat(
            Files.readString(Path.of("/proc/" + sleeperFor(3921).orElseThrow().pid() + "/cgroup")))
        .contains("rkt-" + uuid() + "/app");
    assertThat(rkt.run("enter", uuid(), "/bin/nope").exit()).isNotZero();
    assertThat(rkt.run("enter", "--app=other", uuid(), "/bin/true").exited(254).err())
        .contains("other");
    rkt.run("stop", uuid()).ok();
    running.await();
    assertThat(rkt.run("enter", uuid(), "/bin/true").exited(254).err())
        .contains("isn't currently running");
  }

  /** The process that sleeps for this many seconds: every test sleeps for a number of its own. */
  private static java.util.Optional<ProcessHandle> sleeperFor(int seconds) {
    return ProcessHandle.allProcesses()
        .filter(p -> {
          String[] words = p.info().arguments().orElse(new String[0]);
          return words.length == 1 && words[0].equals(Integer.toString(seconds));
        })
        .findFirst();
  }

  @Test
  void logsAreInCriFormat() throws IOException {
    Rkt.Running running = sleeper("echo up; echo oops >&2; printf unfinished");
    running.await().exited(0);
    List<String> lines =
        Files.readAllLines(rkt.data().resolve("pods/run/" + uuid() + "/logs/app.log"));
    assertThat(lines).hasSize(3);
    assertThat(lines)
        .anyMatch(
            l -> l.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z stdout F up"));
    assertThat(lines).anyMatch(l -> l.endsWith(" stderr F oops"));
    assertThat(lines).anyMatch(l -> l.endsWith(" stdout P unfinished"));
  }

  @Test
  void causeOfDeathIsRecorded() throws IOException {
    Rkt.Running running = sleeper("echo up; kill -KILL $$");
    running.await().exited(137);
    assertThat(Files.readString(rkt.data().resolve("pods/run/" + uuid() + "/exit/app.json")))
        .contains("\"signal\":9")
        .contains("\"code\":137");
  }

  @Test
  void daemonsThatForkAwayDieWithThePod() {
    Rkt.Running running = sleeper("(sleep 3919 &) ; echo up; sleep 2; exit 0");
    Rkt.waitFor("the daemon", () -> sleeperFor(3919).isPresent());
    running.await().exited(0);
    assertThat(sleeperFor(3919)).isEmpty();
  }

  @Test
  void rmAndGcRemoveWhatIsOver() {
    sleeper("echo up; exit 0").await().exited(0);
    String uuid = uuid();
    assertThat(rkt.run("cat-manifest", uuid).ok().out())
        .contains("PodManifest")
        .contains("example.com/app");
    assertThat(rkt.run("rm", uuid).ok().out()).contains("\"" + uuid + "\"");
    assertThat(rkt.run("rm", uuid).exited(254).err())
        .contains("no matches found for \"" + uuid + "\"");
    sleeper("echo up; exit 0").await().exited(0);
    assertThat(rkt.run("gc", "--mark-only").ok().err())
        .contains("moving pod \"" + uuid() + "\" to garbage");
    assertThat(rkt.status(uuid(), "state")).isEqualTo("exited garbage");
    assertThat(rkt.run("gc").ok().err()).contains("not removed: still within grace period");
    assertThat(rkt.run("gc", "--grace-period=0s").ok().out())
        .contains("Garbage collecting pod \"" + uuid() + "\"");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void emptyAndAmbiguousNamesOfPods() {
    assertThat(rkt.run("rm", "").exited(254).err()).contains("UUID cannot be empty");
    assertThat(rkt.run("status", "deadbeef").exited(254).err())
        .contains("no matches found for \"deadbeef\"");
  }
}
