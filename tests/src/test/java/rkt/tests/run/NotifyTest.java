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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Manager;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** What a service manager hears of a pod, and what an app can make it hear. */
class NotifyTest {
  private static final String SPEAKS = "--annotation=appc.io/executor/supports-systemd-notify=true";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String silent() {
    return Probe.image(rkt, "silent").toString();
  }

  private String speaker() {
    return Probe.image(rkt, "speaker", SPEAKS).toString();
  }

  private Path uuidFile() {
    return rkt.home().resolve("uuid");
  }

  private String uuid() {
    try {
      return Files.readString(uuidFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A pod without a network, below a manager that listens. */
  private Rkt.Running run(String... args) {
    return runAs(List.of("--notify=" + rkt.home().resolve("manager")), args);
  }

  private Rkt.Running runAs(List<String> options, String... args) {
    List<String> all =
        new ArrayList<>(List.of("run", "--net=none", "--uuid-file-save=" + uuidFile()));
    all.addAll(List.of(args));
    return Manager.start(rkt, options, all.toArray(String[]::new));
  }

  /** What the manager heard, message by message, lines of one joined by "|". */
  private static List<String> heard(String output) {
    List<String> heard = new ArrayList<>();
    for (String line : output.split("\n")) {
      if (line.startsWith("notify: ")) {
        heard.add(line.substring("notify: ".length()));
      }
    }
    return heard;
  }

  private static void waitFor(Rkt.Running pod, String message) {
    Rkt.waitFor(
        message + "; heard " + heard(pod.output()) + pod.errors(),
        () -> heard(pod.output()).contains(message) || !pod.isAlive());
    assertThat(heard(pod.output())).contains(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void aPodIsReadyWhenItsAppsRunAndSaysThatItStops(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod = run(silent(), "--", "env", ",", "forever", "---", silent(), "--name=b");
    waitFor(pod, "READY=1");
    assertThat(rkt.status(uuid(), "state")).isEqualTo("running");
    pod.signal("TERM");
    Rkt.Result result = pod.await().ok();
    assertThat(heard(result.out())).containsExactly("READY=1", "STOPPING=1");
    assertThat(result.out()).doesNotContain("NOTIFY_SOCKET");
  }

  @Test
  void anAbstractSocketAndAHostNetwork() {
    String address = "@rkt-test-" + rkt.home().getFileName();
    Rkt.Result result =
        Manager.start(
                rkt,
                List.of("--notify=" + address),
                "run",
                "--net=host",
                "--inherit-env",
                silent(),
                "--",
                "env")
            .await()
            .ok();
    assertThat(heard(result.out())).containsExactly("READY=1", "STOPPING=1");
    assertThat(result.out()).doesNotContain("NOTIFY_SOCKET");
  }

  /** Flags that give an app a directory of the test, /sync. */
  private String[] sync(String image, String... commands) {
    List<String> args = new ArrayList<>();
    Path dir = rkt.home().resolve("sync");
    if (!Files.exists(dir)) {
      try {
        Files.createDirectory(dir);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    args.addAll(List.of("--volume=sync,kind=host,source=" + dir, image));
    args.addAll(List.of("--mount=volume=sync,target=/sync", "--"));
    args.addAll(List.of(commands));
    return args.toArray(String[]::new);
  }

  private void go(String name) {
    try {
      Files.createFile(rkt.home().resolve("sync").resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path inPod(String name) {
    for (String state : List.of("run", "exited-garbage")) {
      Path pod = rkt.data().resolve("pods").resolve(state).resolve(uuid());
      if (Files.isDirectory(pod)) {
        return pod.resolve(name);
      }
    }
    throw new AssertionError("no pod " + uuid());
  }

  private boolean saysItIsReady() {
    return Files.isSymbolicLink(inPod("stage1/rootfs/rkt/supervisor-status"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void anAppThatSpeaksIsReadyWhenItSaysSo(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String ready = "READY=1\\nSTATUS=serving";
    Rkt.Running pod =
        run(
            sync(
                speaker(),
                List.of("env", ",", "fds", ",", "notify", "STATUS=loading", ",")
                    .toArray(String[]::new),
                "await",
                "/sync/go",
                ",",
                "notify",
                ready,
                ",",
                "forever"));
    waitFor(pod, "STATUS=loading");
    Rkt.waitFor("the app's PID", () -> Files.exists(inPod("exit/speaker.pid")));
    assertThat(heard(pod.output())).containsExactly("STATUS=loading");
    assertThat(saysItIsReady()).as("before the app has said so").isFalse();
    Path socket = inPod("stage1/rootfs/rkt/notify/speaker/socket");
    assertThat(socket).exists();
    go("go");
    waitFor(pod, "READY=1");
    rkt.run("status", "--wait-ready=30s", uuid()).ok();
    pod.signal("TERM");
    Rkt.Result result = pod.await().ok();
    assertThat(heard(result.out()))
        .containsExactly("STATUS=loading", "STATUS=serving", "READY=1", "STOPPING=1");
    Probe seen = Probe.of(result.out());
    assertThat(seen.of("env", "NOTIFY_SOCKET")).isEqualTo("/dev/rkt/notify/socket");
    assertThat(seen.find("fd 3")).isEmpty();
    assertThat(inPod("stage1/rootfs/rkt/notify/speaker")).isEmptyDirectory();
  }

  private String[] sync(String image, String[] first, String... commands) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(commands));
    return sync(image, all.toArray(String[]::new));
  }

  @Test
  void anotherUserInAUserNamespaceSpeaksToo() {
    Rkt.Result result =
        run(
                "--private-users",
                speaker(),
                "--user=1000",
                "--group=1000",
                "--",
                "notify",
                "READY=1",
                ",",
                "remove",
                "/dev/rkt/notify/socket")
            .await()
            .ok();
    assertThat(heard(result.out())).containsExactly("READY=1", "STOPPING=1");
    assertThat(Probe.of(result.out()).of("remove", "/dev/rkt/notify/socket"))
        .isIn("error:EROFS", "error:EACCES");
  }

  /** An image that speaks is of use without a service manager, too. */
  @Test
  void withoutAManagerThePodStillWaitsForItsApp() {
    Rkt.Running pod =
        rkt.startInsecure(
            all(
                List.of("run", "--net=none", "--uuid-file-save=" + uuidFile()),
                sync(speaker(), "say", "up", ",", "await", "/sync/go", ",", "notify", "READY=1")));
    Rkt.waitFor("the app", () -> pod.output().contains("say=up") || !pod.isAlive());
    assertThat(saysItIsReady()).isFalse();
    go("go");
    Rkt.Result result = pod.await().ok();
    assertThat(result.out()).contains("=ok");
    assertThat(result.err()).doesNotContain("notify", "READY");
    assertThat(saysItIsReady()).isTrue();
  }

  private static String[] all(List<String> first, String... more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void severalAppsAreReadyTogether() {
    String[] first =
        sync(
            speaker(),
            "notify",
            "READY=1\\nSTATUS=one",
            ",",
            "notify",
            "WATCHDOG=1",
            ",",
            "forever");
    String[] second = {
      "---",
      speaker(),
      "--name=second",
      "--mount=volume=sync,target=/sync",
      "--",
      "await",
      "/sync/go",
      ",",
      "notify",
      "STATUS=two\\nREADY=1",
      ",",
      "notify",
      "STOPPING=1",
      ",",
      "await",
      "/sync/alive",
      ",",
      "notify",
      "WATCHDOG=1",
      ",",
      "forever",
      "---",
      silent(),
      "--",
      "forever"
    };
    Rkt.Running pod = run(all(List.of(first), second));
    waitFor(pod, "STATUS=speaker: one");
    assertThat(heard(pod.output())).containsExactly("STATUS=speaker: one");
    go("go");
    waitFor(pod, "READY=1");
    go("alive");
    waitFor(pod, "WATCHDOG=1");
    pod.signal("TERM");
    assertThat(heard(pod.await().ok().out()))
        .containsExactly(
            "STATUS=speaker: one", "STATUS=second: two", "READY=1", "WATCHDOG=1", "STOPPING=1");
  }

  @Test
  void reloadingAndStoppingPassOn() {
    Rkt.Result result =
        runAs(
                List.of(
                    "--notify=" + rkt.home().resolve("manager"), "--set=WATCHDOG_USEC=20000000"),
                speaker(),
                "--",
                "notify",
                "RELOADING=1",
                ",",
                "notify",
                "READY=1",
                ",",
                "notify",
                "RELOADING=1\\nMONOTONIC_USEC=12345",
                ",",
                "notify",
                "READY=1",
                ",",
                "notify",
                "WATCHDOG=1",
                ",",
                "notify",
                "STOPPING=1",
                ",",
                "env",
                "WATCHDOG_USEC")
            .await()
            .ok();
    assertThat(heard(result.out()))
        .containsExactly(
            "READY=1", "RELOADING=1|MONOTONIC_USEC=12345", "READY=1", "WATCHDOG=1", "STOPPING=1");
    assertThat(Probe.of(result.out()).of("env", "WATCHDOG_USEC")).isEqualTo("20000000");
  }

  /** Only what is harmless goes on, in rkt's words, from rkt's process. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void aHostileAppIsBounded(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod =
        run(
            speaker(),
            "--",
            "notify",
            "MAINPID=1\\nMAINPIDFDID=7\\nFDSTORE=1\\nFDNAME=x\\nFDSTOREREMOVE=1\\nERRNO=2"
                + "\\nBUSERROR=x\\nWATCHDOG_USEC=1\\nWATCHDOG=trigger\\nEXTEND_TIMEOUT_USEC=9"
                + "\\nNOTIFYACCESS=all\\nBARRIER=1\\nRESTART_RESET=1\\nX_MY=1\\nREADY=0"
                + "\\nSTOPPING=2\\n READY=1\\nready=1\\nMONOTONIC_USEC=x",
            ",",
            "notify",
            "STATUS=a\\x1b[2J\\x07\\x7f\\xc2\\x9bz\\nSTATUS=" + "\\xc3\\xa4".repeat(600),
            ",",
            "notify-big",
            "4097",
            ",",
            "notify-big",
            "150000",
            ",",
            "notify",
            "\\x00READY=1",
            ",",
            "notify",
            "",
            ",",
            "notify",
            "STATUS=\\x1b[31m\\xc2\\x9bz\\x00MAINPID=1",
            ",",
            "notify",
            "READY=1\\x00",
            ",",
            "forever");
    waitFor(pod, "READY=1");
    pod.signal("TERM");
    Rkt.Result result = pod.await().ok();
    assertThat(heard(result.out()))
        .containsExactly(
            "STATUS=" + "\u00e4".repeat(256), "STATUS=?[31m?z", "READY=1", "STOPPING=1");
    assertThat(result.err())
        .containsOnlyOnce("a message to the service manager is longer than 4096 bytes");
  }

  /** The manager is spared, and signals are obeyed meanwhile. */
  @Test
  void aFloodIsSlowedDown() {
    long before = System.nanoTime();
    Rkt.Running pod = run(speaker(), "--", "notify", "READY=1", ",", "notify-flood", "100000");
    Rkt.waitFor("messages", () -> heard(pod.output()).size() >= 30 || !pod.isAlive());
    int heard = heard(pod.output()).size();
    double seconds = (System.nanoTime() - before) / 1e9;
    assertThat((double) heard).isLessThan(22 + 10 * seconds);
    pod.signal("TERM");
    assertThat(heard(pod.await().ok().out())).contains("READY=1").endsWith("STOPPING=1");
  }

  /** Descriptors in a message are closed, even those that take their time. */
  @ParameterizedTest
  @ValueSource(strings = {"host", "none"})
  void descriptorsInMessagesStayNowhere(String net) throws IOException {
    Path manager = rkt.home().resolve("manager");
    Rkt.Running pod =
        Manager.start(
            rkt,
            List.of("--notify=" + manager),
            "run",
            "--net=" + net,
            "--uuid-file-save=" + uuidFile(),
            speaker(),
            "--",
            "notify-linger",
            "40",
            ",",
            "notify",
            "STATUS=after",
            ",",
            "forever");
    waitFor(pod, "STATUS=after");
    String supervisor = Files.readString(inPod("supervisor-pid")).strip();
    long open;
    try (var fds = Files.list(Path.of("/proc", supervisor, "fd"))) {
      open = fds.count();
    }
    assertThat(open).isLessThan(20);
    pod.signal("TERM");
    assertThat(heard(pod.await().ok().out())).endsWith("READY=1", "STATUS=after", "STOPPING=1");
  }

  @Test
  void anAppThatEndsBeforeItIsReadyEndsThePod() {
    Rkt.Running pod = run(speaker(), "--", "say", "up", "---", silent(), "--", "forever");
    Rkt.Result result = pod.await().ok();
    assertThat(heard(result.out())).containsExactly("STOPPING=1");
    assertThat(result.err())
        .contains("app speaker: it ended before it said that it is ready (READY=1)");
    assertThat(saysItIsReady()).isFalse();
  }

  @Test
  void anAppThatFailsBeforeItIsReadyIsThePodsFailure() {
    Rkt.Result result = run(speaker(), "--", "no-such-command").await().exited(2);
    assertThat(heard(result.out())).containsExactly("STOPPING=1");
    assertThat(result.err()).doesNotContain("READY");
  }

  /** What is said in the last moment counts, too. */
  @Test
  void readyAndGone() {
    for (int i = 0; i < 5; i++) {
      Rkt.Result result = run(speaker(), "--", "notify", "STATUS=bye\\nREADY=1").await().ok();
      assertThat(heard(result.out())).containsExactly("STATUS=bye", "READY=1", "STOPPING=1");
      assertThat(result.err()).doesNotContain("READY");
      Rkt.exec("rm", rkt.home().resolve("manager").toString()).ok();
    }
  }

  @Test
  void aPodThatDoesNotStartIsNotReady() {
    Rkt.Result result = run(silent(), "--exec=/no/such").await().exited(254);
    assertThat(heard(result.out())).isEmpty();
  }

  @Test
  void aManagerThatIsGoneIsNoFailure() throws IOException {
    Path manager = rkt.home().resolve("manager");
    Rkt.Running pod = runAs(List.of("--set=NOTIFY_SOCKET=" + manager), silent(), "--", "say", "up");
    Rkt.Result result = pod.await().ok();
    assertThat(result.out()).isEqualTo("say=up\n");
    assertThat(result.err()).containsOnlyOnce("notify " + manager + ": No such file or directory");
    result = runAs(List.of("--set=NOTIFY_SOCKET=vsock:2:1"), silent(), "--", "say", "up").await();
    assertThat(result.ok().err())
        .contains("warning: NOTIFY_SOCKET is not the address of a Unix socket");
  }
}
