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
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

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
