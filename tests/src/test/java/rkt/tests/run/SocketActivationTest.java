package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Manager;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** Sockets that a service manager passes to rkt reach the app they are for, and nobody else. */
class SocketActivationTest {
  private static final String WEB = "--port=name=web,protocol=tcp,port=8080,socketActivated=true";
  private static final String LOG = "--port=name=log,protocol=udp,port=5140,socketActivated=true";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String image(String name, String... build) {
    return Probe.image(rkt, name, build).toString();
  }

  private Rkt.Running start(List<String> options, String... args) {
    return Manager.start(rkt, options, args);
  }

  private static void assertStandardStreamsAnd(Probe seen, String... more) {
    List<String> fds = new ArrayList<>(List.of("fd 0", "fd 1", "fd 2"));
    fds.addAll(List.of(more));
    for (int fd = 0; fd < 64; fd++) {
      assertThat(seen.find("fd " + fd).isPresent())
          .as("descriptor %d", fd)
          .isEqualTo(fds.contains("fd " + fd));
    }
  }

  /** TestSocketActivation. */
  @ParameterizedTest
  @CsvSource({"crun, host", "runc, host", "crun, none", "runc, none"})
  void anAppAnswersOnASocketItWasGiven(String runtime, String net) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod =
        start(
            List.of("--tcp=8080"),
            List.of("run", "--net=" + net, image("app", WEB), "--", "fds", ",", "sockets", ",")
                .toArray(String[]::new),
            "serve",
            "1");
    assertThat(Manager.ask("127.0.0.1", 8080, "hello")).isEqualTo("3: hello");
    Rkt.Result result = pod.await().ok();
    Probe seen = Probe.of(result.out());
    assertStandardStreamsAnd(seen, "fd 3");
    assertThat(seen.get("listen.mine")).isEqualTo("yes");
    assertThat(seen.get("listen.fds")).isEqualTo("1");
    assertThat(seen.get("listen.names")).isEqualTo("none");
    assertThat(result.err())
        .contains(
            "warning: no --port option for socket-activated port \"web\", assuming port 8080 as"
                + " specified in the manifest");
  }

  private Rkt.Running start(List<String> options, String[] args, String... more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return Manager.start(rkt, options, all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void twoSocketsOfOneAppKeepTheirOrderAndNames(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Rkt.Running pod =
        start(
            List.of("--udp=9514", "--name=syslog", "--tcp=9080", "--name=http"),
            "run",
            "--net=none",
            "--port=web:9080",
            "--port=log:9514",
            image("app", WEB, LOG),
            "--",
            "sockets",
            ",",
            "serve",
            "2");
    assertThat(Manager.askDatagram(9514, "datagram")).isEqualTo("3: datagram");
    assertThat(Manager.ask("127.0.0.1", 9080, "connection")).isEqualTo("4: connection");
    Rkt.Result result = pod.await().ok();
    Probe seen = Probe.of(result.out());
    assertThat(seen.get("listen.mine")).isEqualTo("yes");
    assertThat(seen.get("listen.fds")).isEqualTo("2");
    assertThat(seen.get("listen.names")).isEqualTo("syslog:http");
    assertThat(seen.of("socket", "3")).isEqualTo("9514");
    assertThat(seen.of("socket", "4")).isEqualTo("9080");
    assertThat(result.err()).doesNotContain("warning: no --port", "was passed");
  }

  /** Each app counts its own from 3 on; the last has none, and no word of them. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void eachAppHasItsOwnSocketsOnly(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String web = image("web", WEB);
    String log = image("log", LOG);
    String none = image("none");
    Rkt.Result result =
        start(
                List.of("--tcp=8080", "--udp=5140", "--tcp=127.0.0.1:7000", "--fifo=" + fifo()),
                "run",
                "--net=none",
                web,
                "--",
                "say",
                "web",
                ",",
                "fds",
                ",",
                "sockets",
                "---",
                log,
                "--",
                "pause",
                "500",
                ",",
                "say",
                "log",
                ",",
                "fds",
                ",",
                "sockets",
                "---",
                none,
                "--",
                "pause",
                "1000",
                ",",
                "say",
                "none",
                ",",
                "fds",
                ",",
                "sockets")
            .await()
            .ok();
    String out = result.out();
    Probe first = Probe.of(out.substring(out.indexOf("say=web"), out.indexOf("say=log")));
    Probe second = Probe.of(out.substring(out.indexOf("say=log"), out.indexOf("say=none")));
    Probe third = Probe.of(out.substring(out.indexOf("say=none")));
    assertStandardStreamsAnd(first, "fd 3");
    assertThat(first.of("socket", "3")).isEqualTo("8080");
    assertThat(first.get("listen.mine")).isEqualTo("yes");
    assertStandardStreamsAnd(second, "fd 3");
    assertThat(second.of("socket", "3")).isEqualTo("5140");
    assertThat(second.get("listen.mine")).isEqualTo("yes");
    assertStandardStreamsAnd(third);
    assertThat(third.get("listen.mine")).isEqualTo("no");
    assertThat(result.err())
        .contains(
            "warning: tcp 127.0.0.1:7000 was passed to rkt, but no app has a socket-activated port",
            "warning: descriptor 6 was passed to rkt, but no app has");
  }

  private Path fifo() {
    return rkt.home().resolve("fifo");
  }

  /** The host's port is the service manager's: no rule for it, and no second owner. */
  @Test
  void inANetworkOfItsOwnTheAppServesTheHostsSocket() {
    try (HostNet host = new HostNet()) {
      String rules = Rkt.exec("nft", "list", "ruleset").out();
      Rkt.Running pod =
          start(
              List.of("--tcp=9080"),
              "run",
              "--port=web:9080",
              image("app", WEB),
              "--",
              "serve",
              "2",
              ",",
              "pause",
              "300");
      assertThat(Manager.ask("127.0.0.1", 9080, "loopback")).isEqualTo("3: loopback");
      assertThat(Rkt.exec("nft", "list", "ruleset").out()).doesNotContain("9080");
      assertThat(
              host.world("sh", "-c", "echo world | busybox nc -w 5 " + HostNet.HOST + " 9080")
                  .all())
          .contains("3: world");
      pod.await().ok();
      assertThat(Rkt.exec("nft", "list", "ruleset").out()).isEqualTo(rules);
    }
  }

  @Test
  void anotherUserInAUserNamespace() {
    Rkt.Running pod =
        start(
            List.of("--tcp=8080"),
            "run",
            "--net=host",
            "--private-users",
            image("app", WEB),
            "--user=1000",
            "--group=1000",
            "--",
            "sockets",
            ",",
            "fds",
            ",",
            "serve",
            "1");
    assertThat(Manager.ask("127.0.0.1", 8080, "hello")).isEqualTo("3: hello");
    Probe seen = Probe.of(pod.await().ok().out());
    assertThat(seen.get("listen.mine")).isEqualTo("yes");
    assertStandardStreamsAnd(seen, "fd 3");
  }

  @Test
  void aPreparedPodGetsTheSocketsOfItsStart() {
    String uuid =
        rkt.insecure("prepare", "--port=web:9080", image("app", WEB), "--", "serve", "1")
            .ok()
            .out()
            .strip();
    Rkt.Running pod = start(List.of("--tcp=9080"), "run-prepared", "--net=none", uuid);
    assertThat(Manager.ask("127.0.0.1", 9080, "hello")).isEqualTo("3: hello");
    pod.await().ok();
  }

  @Test
  void aUnixSocketIsKnownByItsName() {
    Path socket = rkt.home().resolve("socket");
    Probe seen =
        Probe.of(
            start(
                    List.of("--unix=" + socket, "--name=web"),
                    "run",
                    "--net=none",
                    image("app", WEB),
                    "--",
                    "sockets",
                    ",",
                    "fds")
                .await()
                .ok()
                .out());
    assertThat(seen.get("listen.names")).isEqualTo("web");
    assertStandardStreamsAnd(seen, "fd 3");
  }

  /** Neither what is entered nor what runs before the app has descriptors or variables. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void onlyTheAppsProcessHasThem(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path file = rkt.home().resolve("uuid");
    Rkt.Running pod =
        start(
            List.of("--tcp=8080", "--name=http", "--notify=@rkt-test-" + rkt.home().getFileName()),
            "run",
            "--net=none",
            "--uuid-file-save=" + file,
            "--inherit-env",
            image("app", WEB),
            "--",
            "env",
            ",",
            "serve",
            "1");
    Rkt.waitFor("READY=1", () -> pod.output().contains("notify: READY=1") || !pod.isAlive());
    Rkt.Result entered =
        rkt.run("enter", Files.readString(file), "/bin/probe", "fds", ",", "env").ok();
    assertStandardStreamsAnd(Probe.of(entered.out()));
    assertThat(entered.out()).doesNotContain("LISTEN", "NOTIFY");
    assertThat(Manager.ask("127.0.0.1", 8080, "hello")).isEqualTo("3: hello");
    String out = pod.await().ok().out();
    assertThat(out).contains("LISTEN_FDNAMES=http").doesNotContain("NOTIFY_SOCKET");
  }

  @Test
  void whatIsNotThereIsSaidBeforeThePodRuns() {
    String app = image("app", WEB);
    for (String line :
        """
        --tcp=8081 | run | no listening socket for tcp port 8080, only with tcp [::]:8081
        --udp=8080 | run | only with udp [::]:8080
        --connected=8080 | run | only with tcp 127.0.0.1:8080 (not listening)
        --tcp=127.0.0.1:8080 | run --port=web:10.0.0.1:8080 | tcp port 8080 of 10.0.0.1, only
        --tcp=8080 | run --port=web:9080 | tcp port 9080, only with tcp [::]:8080
        --tcp=8080 --set=LISTEN_PID=1 | run | was started without any socket
        --tcp=8080 --set=LISTEN_FDS=99999 | run | LISTEN_FDS is not a number of
        --tcp=8080 --set=LISTEN_FDS=-1 | run | LISTEN_FDS is not a number of
        --tcp=8080 --set=LISTEN_FDS=900 | run | but descriptor
        --tcp=8080 --set=LISTEN_FDNAMES=a:b | run | LISTEN_FDNAMES names 2 sockets
        --set=X=y | run | was started without any socket
        """
            .lines()
            .toList()) {
      String[] row = line.strip().split(" \\| ");
      List<String> args = new ArrayList<>(List.of(row[1].split(" ")));
      args.addAll(List.of("--net=none", app, "--", "sockets"));
      Rkt.Result result =
          start(List.of(row[0].split(" ")), args.toArray(String[]::new)).await().exited(254);
      assertThat(result.err()).as(line).contains(row[2]);
      assertThat(result.out()).as(line).isEmpty();
    }
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void aSocketForTwoAppsIsRefused() {
    String app = image("app", WEB);
    Rkt.Result result =
        start(List.of("--tcp=8080"), "run", "--net=none", app, "---", app, "--name=second")
            .await()
            .exited(254);
    assertThat(result.err())
        .contains(
            "cannot pass sockets to app \"second\"",
            "port \"web\" would have the socket tcp [::]:8080, which is that of app \"app\"");
  }

  /** Another's sockets, inherited by mistake, are nobody's here. */
  @Test
  void aPodWithoutSuchPortsSeesNothing() {
    Probe seen =
        Probe.of(
            start(
                    List.of("--tcp=8080", "--set=WATCHDOG_USEC=1000"),
                    "run",
                    "--net=host",
                    "--inherit-env",
                    image("app"),
                    "--",
                    "fds",
                    ",",
                    "sockets",
                    ",",
                    "env")
                .await()
                .ok()
                .out());
    assertStandardStreamsAnd(seen);
    assertThat(seen.get("listen.mine")).isEqualTo("no");
    assertThat(seen.find("env WATCHDOG_USEC")).isEmpty();
    assertThat(seen.find("env LISTEN_FDS")).isEmpty();
  }

  @Test
  void aVolumeInTheWayIsSaid() throws IOException {
    Path dir = Files.createDirectory(rkt.home().resolve("dev"));
    Rkt.Result result =
        start(
                List.of("--tcp=8080"),
                "run",
                "--net=none",
                "--volume=dev,kind=host,source=" + dir,
                "--mount=volume=dev,target=/dev/rkt",
                image("app", WEB))
            .await()
            .exited(254);
    assertThat(result.err())
        .contains("its volume on /dev/rkt is where what passes sockets would be");
  }

  /** systemd's own tool. */
  @Test
  void underSystemdSocketActivate() {
    String tool = "/usr/bin/systemd-socket-activate";
    assumeTrue(Files.isExecutable(Path.of(tool)), "systemd is not installed");
    Rkt.Running pod =
        rkt.startBy(
            List.of(tool, "--listen=9080", "--fdname=http"),
            "--insecure-options=image",
            "run",
            "--net=none",
            "--port=web:9080",
            image("app", WEB),
            "--",
            "sockets",
            ",",
            "serve",
            "1");
    assertThat(Manager.ask("127.0.0.1", 9080, "hello")).isEqualTo("3: hello");
    Probe seen = Probe.of(pod.await().ok().out());
    assertThat(seen.get("listen.mine")).isEqualTo("yes");
    assertThat(seen.get("listen.names")).isEqualTo("http");
  }
}
