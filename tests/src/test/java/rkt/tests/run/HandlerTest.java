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

/** Event handlers (TestPreStart, the order of TestAceValidator): effects read from inside. */
class HandlerTest {
  private static final String STATUS =
      "grep -E '^(Uid|Gid|Groups|CapBnd|CapEff|NoNewPrivs|Seccomp):' /proc/self/status";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  /** An image whose handlers are shell scripts; an empty script is none. */
  private Path image(String name, String app, String before, String after, String... build) {
    List<String> handlers = new ArrayList<>();
    if (!before.isEmpty()) {
      handlers.add(handler("pre-start", before));
    }
    if (!after.isEmpty()) {
      handlers.add(handler("post-stop", after));
    }
    return imageOf(name, app, "[" + String.join(",", handlers) + "]", build);
  }

  private static String handler(String name, String script) {
    return "{\"name\":\"" + name + "\",\"exec\":[\"/bin/sh\",\"-c\"," + quote(script) + "]}";
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private Path imageOf(String name, String app, String handlers, String... build) {
    Path manifest = rkt.home().resolve(name + ".json");
    try {
      Files.writeString(
          manifest,
          "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/"
              + name
              + "\",\"labels\":[{\"name\":\"version\",\"value\":\"1.0.0\"},"
              + "{\"name\":\"os\",\"value\":\"linux\"}],\"app\":{\"exec\":[\"/bin/sh\",\"-c\","
              + quote(app)
              + "],\"user\":\"0\",\"group\":\"0\",\"eventHandlers\":"
              + handlers
              + "}}");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    List<String> args = new ArrayList<>(List.of("--manifest=" + manifest));
    args.addAll(List.of(build));
    args.add("--label=arch=" + Images.arch());
    return Images.aci(rkt, name, List.of(), args.toArray(String[]::new));
  }

  private Rkt.Result run(Path aci, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--net=none", aci.toString()));
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  /** TestPreStart. */
  @Test
  void handlersAreRootWhateverTheAppIs() {
    Path aci =
        image("app", "id -u", "echo before $(id -u):$(id -g)", "echo after $(id -u):$(id -g)");
    assertThat(run(aci, "--user=1000", "--group=1000").ok().out())
        .isEqualTo("before 0:0\n1000\nafter 0:0\n");
  }

  @Test
  void handlersHaveTheAppsRestrictions() {
    Path aci =
        image(
            "app",
            STATUS,
            STATUS,
            STATUS,
            "--isolator=os/linux/capabilities-retain-set={\"set\":[\"CAP_KILL\",\"CAP_SETUID\"]}");
    String out = run(aci).ok().out();
    assertThat(out).contains("CapBnd:\t00000000000000a0", "Seccomp:\t2");
    String third = out.substring(0, out.length() / 3);
    assertThat(out).isEqualTo(third + third + third);
  }

  @Test
  void handlersShareTheAppsNamespacesFilesEnvironmentAndCgroup() {
    String look =
        "for n in pid ipc uts net; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup;"
            + " hostname; env | grep -v -E '^(_|SHLVL)=' | while read l; do echo $l; done; pwd;"
            + " cat /marker /dev/shm/marker;";
    Path aci = image("app", look, "echo m > /marker; echo s > /dev/shm/marker;" + look, look);
    String out = run(aci, "--environment=A=b", "--working-dir=/dir1").ok().out();
    assertThat(out).contains("A=b", "AC_APP_NAME=app", "/dir1\nm\ns\n", "net:[");
    String third = out.substring(0, out.length() / 3);
    assertThat(out).isEqualTo(third + third + third);
  }

  @Test
  void appIsNotStartedAfterAFailedPreStart() {
    Path aci = image("app", "echo app", "exit 9", "echo after");
    Rkt.Result result = run(aci).exited(9);
    assertThat(result.out()).isEqualTo("after\n");
    assertThat(result.err()).contains("pre-start handler ended with exit code 9");
    String uuid = rkt.pods().getFirst();
    assertThat(rkt.status(uuid, "app-app")).isEqualTo("9");
    assertThat(rkt.status(uuid, "cause-app")).isEqualTo("failed");
  }

  @Test
  void exitCodeIsTheApps() {
    Path aci = image("app", "exit 3", "exit 0", "exit 5");
    Rkt.Result result = run(aci).exited(3);
    assertThat(result.err()).contains("post-stop handler ended with exit code 5");
    assertThat(rkt.status(rkt.pods().getFirst(), "app-app")).isEqualTo("3");
  }

  /** rkt's issue 2870: post-stop handlers were lost when the pod was halted. */
  @Test
  void postStopRunsAfterStopForEveryApp() throws IOException {
    Path uuid = rkt.home().resolve("uuid");
    Path one = image("one", "sleep 1000", "", "echo after one");
    Path two = image("two", "sleep 1000", "", "echo after two");
    Rkt.Running pod =
        rkt.startInsecure(
            "run", "--net=none", "--uuid-file-save=" + uuid, one.toString(), two.toString());
    Rkt.waitFor("the pod", () -> Files.exists(uuid) || !pod.isAlive());
    rkt.run("status", "--wait-ready", Files.readString(uuid)).ok();
    rkt.run("stop", "--uuid-file=" + uuid).ok();
    Rkt.Result result = pod.await().ok();
    assertThat(result.out().lines().sorted()).containsExactly("after one", "after two");
    assertThat(rkt.run("status", Files.readString(uuid)).ok().out()).contains("state=exited");
  }

  @Test
  void postStopRunsAfterASignal() {
    Path aci = image("app", "kill -SEGV $$", "", "echo after");
    assertThat(run(aci).exited(139).out()).isEqualTo("after\n");
  }

  @Test
  void missingHandlerIsNamed() {
    Path aci = imageOf("app", "true", "[{\"name\":\"pre-start\",\"exec\":[\"/bin/absent\"]}]");
    assertThat(run(aci).exited(254).err())
        .contains("pre-start event handler of app \"app\"")
        .contains("Unable to open \"/bin/absent\": No such file or directory");
  }
}
