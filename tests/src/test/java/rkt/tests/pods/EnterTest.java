package rkt.tests.pods;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** `enter`: which app, with which environment, and when there is nothing to enter. */
class EnterTest {
  private Rkt rkt;
  private Path uuidFile;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    uuidFile = rkt.home().resolve("uuid");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Running start(List<String> images, String... flags) {
    List<String> args =
        new ArrayList<>(List.of("run", "--net=none", "--uuid-file-save=" + uuidFile));
    args.addAll(List.of(flags));
    args.addAll(images);
    Rkt.Running pod = rkt.startInsecure(args.toArray(String[]::new));
    Rkt.waitFor("the pod", () -> Files.exists(uuidFile) || !pod.isAlive());
    return pod;
  }

  private String uuid() throws IOException {
    return Files.readString(uuidFile);
  }

  private void stop(Rkt.Running pod) {
    rkt.run("stop", "--uuid-file=" + uuidFile).ok();
    pod.await();
  }

  /** TestEnv, the repetition through enter: the app's variables, and the caller's TERM. */
  @Test
  void environmentIsTheApps() throws IOException {
    Path env = rkt.home().resolve("env");
    Files.writeString(env, "# Comment\nVAR_OTHER=file\n\n; Comment\nVAR_2=2\n");
    Path aci = Images.script(rkt, "app", "sleep 60", "--env=VAR_FROM_MANIFEST=manifest");
    Rkt.Running pod =
        start(
            List.of(aci.toString(), "--environment=VAR_APP=app"),
            "--set-env=VAR_OTHER=setenv",
            "--set-env-file=" + env);
    rkt.run("status", "--wait-ready", uuid()).ok();
    String out =
        rkt.env("TERM", "dumb").env("OUTSIDE", "x").run("enter", uuid(), "/bin/env").ok().out();
    assertThat(out.lines())
        .contains(
            "VAR_FROM_MANIFEST=manifest",
            "VAR_OTHER=setenv",
            "VAR_2=2",
            "VAR_APP=app",
            "AC_APP_NAME=app",
            "TERM=dumb")
        .anyMatch(line -> line.startsWith("PATH=/"))
        .noneMatch(line -> line.startsWith("OUTSIDE="));
    stop(pod);
  }

  @Test
  void oneOfSeveralAppsMustBeNamed() throws IOException {
    Path aci = Images.script(rkt, "app", "sleep 60");
    Rkt.Running pod = start(List.of(aci.toString(), "--name=one", aci.toString(), "--name=two"));
    rkt.run("status", "--wait-ready", uuid()).ok();
    assertThat(rkt.run("enter", uuid(), "/bin/true").exited(254).err())
        .contains("one")
        .contains("two")
        .contains("specify app using \"rkt enter --app= ...\"");
    assertThat(
            rkt.run("enter", "--app=two", uuid(), "/bin/sh", "-c", "echo $AC_APP_NAME").ok().out())
        .isEqualTo("two\n");
    stop(pod);
  }

  private static final String TERMINAL =
      Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString();

  private static final String STATUS =
      "grep -E '^(Uid|Cap...|NoNewPrivs|Seccomp):' /proc/self/status";

  private Rkt.Running startReadOnly(String... buildArgs) throws IOException {
    Path aci = Images.script(rkt, "app", "sleep 60", buildArgs);
    Rkt.Running pod =
        start(List.of(aci.toString(), "--user=1000", "--group=100", "--readonly-rootfs=true"));
    rkt.run("status", "--wait-ready", uuid()).ok();
    return pod;
  }

  /** CVE-2019-10144, -10145, -10147; the app is not root, its root file system is read-only. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void restrictionsAreTheApps(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod =
        startReadOnly(
            "--isolator=os/linux/capabilities-retain-set={\"set\":[\"CAP_KILL\",\"CAP_SETUID\"]}");
    String app = "p=$(ps | grep 'sleep 60' | grep -v grep | head -1); set -- $p; ";
    String out =
        rkt.run(
                "enter",
                uuid(),
                "/bin/sh",
                "-c",
                STATUS
                    + "; umount /proc; echo sigsys=$?; touch /x || echo read-only;"
                    + " mknod /dev/mem c 1 1 || echo no device; "
                    + app
                    + " test \"$(cat /proc/self/cgroup)\" = \"$(cat /proc/$1/cgroup)\" && echo same cgroup")
            .ok()
            .out();
    assertThat(out)
        .contains("Uid:\t0\t0\t0\t0", "CapBnd:\t00000000000000a0", "CapEff:\t00000000000000a0")
        .contains("CapInh:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
        .contains("sigsys=159", "read-only", "no device", "same cgroup");
    stop(pod);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void privilegedIsLoudAndUnrestrictedButInTheAppsCgroup(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod = startReadOnly();
    Rkt.Result result =
        rkt.run(
            "enter", "--privileged", uuid(), "/bin/sh", "-c", STATUS + "; cat /proc/self/cgroup");
    String own = Rkt.exec("grep", "CapBnd:", "/proc/self/status").out().strip();
    assertThat(result.ok().out())
        .contains(own, own.replace("Bnd", "Eff"), "NoNewPrivs:\t0", "Seccomp:\t0")
        .doesNotContain("rkt-" + uuid()) // the app's cgroup is the root of its cgroup namespace
        .contains(":/\n");
    assertThat(result.err())
        .contains(
            "warning: entering app \"app\" with all capabilities, and without its system call");
    assertThat(rkt.run("enter", "--privileged", uuid(), "absent").exited(127).err())
        .contains("absent");
    stop(pod);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void codesSignalsAndPipesAreTheCommands(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod = startReadOnly();
    rkt.run("enter", uuid(), "/bin/sh", "-c", "exit 7").exited(7);
    rkt.run("enter", uuid(), "/bin/sh", "-c", "kill -KILL $$").exited(137);
    assertThat(rkt.run("enter", uuid(), "/bin/absent").exited(254).err()).contains("/bin/absent");
    for (String flag : List.of("--privileged=false", "--privileged=true")) {
      Rkt.Running enter =
          rkt.start(
              "enter",
              flag,
              uuid(),
              "/bin/sh",
              "-c",
              "trap 'echo trapped; exit 3' TERM; echo up; while :; do sleep 0.1; done");
      Rkt.waitFor("the command", () -> enter.output().contains("up"));
      enter.signal("TERM");
      assertThat(enter.await().exited(3).out()).isEqualTo("up\ntrapped\n");
    }
    Path app = rkt.data().resolve("pods/run/" + uuid() + "/stage1/rootfs/opt/stage2/app");
    try (var files = Files.list(app)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("enter-") || name.startsWith("console"));
    }
    stop(pod);
  }

  /** A terminal with its size, its changes, Ctrl-C, and the caller's own left as it was. */
  @ParameterizedTest
  @CsvSource({"crun, false", "crun, true", "runc, false", "runc, true"})
  void terminal(String runtime, String privileged) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod = startReadOnly();
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3",
                TERMINAL,
                "40",
                "100",
                "expect:40 100",
                "send:\\x03",
                "expect:interrupted",
                "resize:50:120",
                "send:size\\n",
                "expect:50 120",
                "send:end\\n",
                "--"));
    command.addAll(
        rkt.command(
            "enter",
            "--privileged=" + privileged,
            uuid(),
            "/bin/sh",
            "-c",
            "trap 'echo interrupted' INT; stty size; while :; do read x; test \"$x\" = size && stty size;"
                + " test \"$x\" = end && exit 9; done"));
    Rkt.Result result = Rkt.exec(command.toArray(String[]::new)).exited(9);
    assertThat(result.out()).contains("[echo=True canonical=True]");
    stop(pod);
  }

  @Test
  void anotherUserPlaceAndVariable() throws IOException {
    Rkt.Running pod = startReadOnly();
    String out =
        rkt.run(
                "enter",
                "--user=user1",
                "--environment=A=b c",
                "--working-dir=/dir1",
                uuid(),
                "sh",
                "-c",
                "id; pwd; echo $A; " + STATUS)
            .ok()
            .out();
    assertThat(out)
        .startsWith("uid=1000(user1) gid=100(group1)")
        .contains("/dir1\nb c\n", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");
    assertThat(rkt.run("enter", "--user=nobody", uuid(), "id").exited(254).err())
        .contains("failed to configure user \"nobody\"");
    assertThat(rkt.run("enter", "--working-dir=x", uuid(), "id").exited(254).err())
        .contains("must be an absolute path");
    stop(pod);
  }

  /**
   * TestPidFileDelayedStart: as soon as a pod has a UUID it may be entered; enter waits until it
   * stands.
   */
  @Test
  void aPodThatIsJustStartingIsWaitedFor() throws IOException {
    Path aci = Images.script(rkt, "app", "sleep 60");
    Rkt.Running pod = start(List.of(aci.toString()));
    Rkt.waitFor(
        "the pod to be in run",
        () -> Files.exists(rkt.data().resolve("pods/run/" + read(uuidFile))));
    assertThat(rkt.run("enter", uuid(), "/bin/echo", "inside").ok().out()).isEqualTo("inside\n");
    stop(pod);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** TestPidFileAbortedStart. */
  @Test
  void aPodThatDiesIsNotWaitedFor() throws IOException {
    Path aci = Images.script(rkt, "app", "sleep 60");
    Rkt.Running pod = start(List.of(aci.toString()));
    rkt.run("status", "--wait-ready", uuid()).ok();
    String uuid = uuid();
    Path pid = rkt.data().resolve("pods/run/" + uuid + "/pid");
    Files.move(pid, rkt.home().resolve("pid"));
    Rkt.Running enter = rkt.start("enter", uuid, "/bin/true");
    Rkt.waitFor("enter to look for the pod's pid", () -> opens(enter.pid(), uuid));
    pod.signal("KILL");
    assertThat(enter.await().exited(254).err()).contains(uuid);
    pod.await();
  }

  /** Whether the process holds the pod's directory, which enter does while it waits. */
  private static boolean opens(long pid, String uuid) {
    try (var fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return fds.anyMatch(fd -> {
        try {
          return Files.readSymbolicLink(fd).toString().endsWith(uuid);
        } catch (IOException e) {
          return false;
        }
      });
    } catch (IOException e) {
      return false;
    }
  }
}
