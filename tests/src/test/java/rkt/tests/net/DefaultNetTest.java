package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

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
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** The built-in networks and the special names; all is as before when the pod has ended. */
class DefaultNetTest {
  private HostNet host;
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    host = new HostNet();
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    try {
      if (rkt != null) {
        rkt.close();
      }
    } finally {
      if (host != null) {
        host.close();
      }
    }
  }

  private Rkt.Result sh(String script, String... flags) {
    Path aci = Images.script(rkt, "app", script);
    List<String> args = new ArrayList<>(List.of("run"));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    return rkt.insecure(args.toArray(String[]::new));
  }

  /** A pod that serves its text on port 80, once per connection; ready when this returns. */
  private Rkt.Running server(String text, String... flags) {
    Path aci =
        Images.script(
            rkt,
            "server",
            "while :; do echo " + text + " | nc -l -p 80; done",
            "--port=http:tcp:80");
    List<String> args = new ArrayList<>(List.of("run", "--uuid-file-save=" + uuidFile()));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    Rkt.Running running = rkt.startInsecure(args.toArray(String[]::new));
    Rkt.waitFor("the server", () -> serverIsUp(running));
    return running;
  }

  private Path uuidFile() {
    return rkt.home().resolve("uuid");
  }

  private String uuid() {
    try {
      return Files.readString(uuidFile()).strip();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private boolean serverIsUp(Rkt.Running running) {
    if (!running.isAlive()) {
      throw new AssertionError("the server pod ended: " + running.await().all());
    }
    return Files.exists(uuidFile())
        && Files.exists(rkt.data().resolve("pods/run/" + uuid() + "/pid"))
        && listens();
  }

  /** Without connecting: each connection is an answer. */
  private boolean listens() {
    String pid = "";
    try {
      pid = Files.readString(rkt.data().resolve("pods/run/" + uuid() + "/pid")).strip();
      return Files.readString(Path.of("/proc/" + pid + "/net/tcp6"))
              .matches("(?s).*:0050 [0:]+ 0A .*")
          || Files.readString(Path.of("/proc/" + pid + "/net/tcp"))
              .matches("(?s).*:0050 [0:]+ 0A .*");
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private void stop(Rkt.Running running) {
    running.signal("TERM");
    running.await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--net", "--net=default"})
  void defaultNetworkReachesTheWorldByTheHostsAddress(String flag) {
    host.echoAddress(7000);
    String[] flags = flag.isEmpty() ? new String[0] : new String[] {flag};
    Rkt.Result result =
        sh("ip -4 -o addr show eth0; nc " + HostNet.WORLD + " 7000; ip link | grep -c mtu", flags);
    assertThat(result.ok().out())
        .contains("inet 172.16.28.")
        .contains("::ffff:" + HostNet.HOST + "\n")
        .endsWith("\n2\n");
    assertThat(result.err()).doesNotContain("networking");
    host.assertAsBefore();
  }

  @Test
  void restrictedNetworkReachesTheHostOnly() throws Exception {
    host.echoAddress(7001);
    Rkt.Running pod = server("restricted", "--net=default-restricted");
    String networks = rkt.status(uuid(), "networks");
    assertThat(networks).startsWith("default-restricted:ip4=172.31.");
    assertThat(HostNet.ask(networks.substring(networks.indexOf('=') + 1), 80))
        .isEqualTo("restricted\n");
    stop(pod);
    assertThat(sh("nc -w 2 " + HostNet.WORLD + " 7001", "--net=default-restricted").exit())
        .isNotIn(0, 254);
  }

  @Test
  void noneIsLoopbackAlone() {
    assertThat(sh("ip -o link | wc -l; ip -o addr show lo", "--net=none").ok().out())
        .startsWith("1\n")
        .contains("127.0.0.1/8");
  }

  @Test
  void hostIsTheHostsOwn() {
    assertThat(sh("ip -o link show w0", "--net=host").ok().out()).contains("w0");
    assertThat(rkt.run("list", "--no-legend").ok().out()).doesNotContain("ip4");
  }

  @ParameterizedTest
  @CsvSource({"default,172.16.28.123", "default-restricted,172.31.42.42"})
  void addressCanBeAskedFor(String network, String address) {
    assertThat(sh("ip -4 -o addr show eth0", "--net=" + network + ":IP=" + address).ok().out())
        .contains("inet " + address + "/");
  }

  @Test
  void addressInUseIsRefusedAndNothingStarts() {
    Rkt.Running first = server("first", "--net=default:IP=172.16.28.77");
    Rkt.Result second = sh("echo started", "--net=default:IP=172.16.28.77");
    assertThat(second.exited(254).err())
        .contains("error adding network \"default\"")
        .contains("requested IP address 172.16.28.77 is not available");
    assertThat(second.out()).isEmpty();
    assertThat(HostNet.ask("172.16.28.77", 80)).isEqualTo("first\n");
    stop(first);
    assertThat(sh("ip -4 -o addr show eth0", "--net=default:IP=172.16.28.77").ok().out())
        .contains("172.16.28.77");
  }

  @Test
  void podsReachEachOther() {
    Rkt.Running first = server("hello", "--net=default:IP=172.16.28.77");
    assertThat(sh("nc 172.16.28.77 80").ok().out()).isEqualTo("hello\n");
    stop(first);
  }

  /** The namespace is older than the pod's user namespace, and not owned by it. */
  @Test
  void podWithUsersOfItsOwnHasNetworksToo() {
    host.echoAddress(7009);
    Rkt.Result result =
        sh(
            "nc " + HostNet.WORLD + " 7009; ip link set eth0 down || echo no",
            "--private-users",
            "--net=default");
    assertThat(result.ok().out()).contains("::ffff:" + HostNet.HOST, "no\n");
  }

  @Test
  void existingNamespaceIsJoinedAndLeftAlone() {
    HostNet.ip("netns", "add", "mine");
    try {
      HostNet.ip("-n", "mine", "link", "add", "there0", "type", "veth", "peer", "name", "there1");
      assertThat(sh("ip -o link show there0", "--net=ns:/run/netns/mine").ok().out())
          .contains("there0");
      Rkt.exec("ip", "-n", "mine", "link", "show", "there0").ok();
    } finally {
      HostNet.ip("netns", "del", "mine");
    }
    assertThat(sh("true", "--net=ns:/run/netns/none").exited(254).err())
        .contains("cannot join network namespace /run/netns/none");
    assertThat(sh("true", "--net=ns:/etc/passwd").exited(254).err())
        .contains("cannot join network namespace /etc/passwd")
        .contains("Invalid argument");
  }

  @ParameterizedTest
  @CsvSource({
    "8080, 10.99.0.1, world", "80, 10.99.0.1, world", "8080, 127.0.0.1, host",
    "8080, 10.99.0.1, host", "10.99.0.1:8080, 10.99.0.1, world", "127.0.0.1:8080, 127.0.0.1, host"
  })
  void publishedPortIsReached(String port, String address, String from) {
    Rkt.Running pod = server("published", "--port=http:" + port);
    int number = Integer.parseInt(port.substring(port.indexOf(':') + 1));
    String answer =
        from.equals("world") ? host.askFromWorld(address, number) : HostNet.ask(address, number);
    assertThat(answer).isEqualTo("published\n");
    assertThat(rkt.status(uuid(), "ports")).isEqualTo(port + "->80/tcp");
    stop(pod);
    host.assertAsBefore();
  }

  @Test
  void portOfOneAddressIsNotReachedByAnother() {
    Rkt.Running pod = server("published", "--port=http:10.99.0.1:8080");
    assertThat(HostNet.ask("127.0.0.1", 8080)).isEmpty();
    stop(pod);
    pod = server("published", "--port=http:127.0.0.1:8080");
    assertThat(host.askFromWorld(HostNet.HOST, 8080)).isEmpty();
    stop(pod);
  }

  @Test
  void takenPortIsFoundBeforeThePodStarts() throws Exception {
    try (java.net.ServerSocket taken = new java.net.ServerSocket(8081)) {
      Path aci = Images.script(rkt, "app", "echo started", "--port=http:tcp:80");
      Rkt.Result result =
          rkt.insecure("run", "--port=http:" + taken.getLocalPort(), aci.toString());
      assertThat(result.exited(254).err())
          .contains("host port 8081/tcp for port \"http\" is in use");
      assertThat(result.out()).isEmpty();
    }
    Rkt.Running pod = server("published", "--port=http:8081");
    Path aci = Images.script(rkt, "app", "echo started", "--port=http:tcp:80");
    assertThat(rkt.insecure("run", "--port=http:8081", aci.toString()).exited(254).err())
        .contains("host port 8081/tcp for port \"http\" is in use by another process or pod");
    assertThat(rkt.insecure("run", "--port=http:192.0.2.1:81", aci.toString()).exited(254).err())
        .contains("this host has no such address");
    stop(pod);
  }

  /** CVE-2020-8558: the setting that makes 127.0.0.1 work must not open the host's loopback. */
  @Test
  void podCannotReachTheHostsLoopback() throws Exception {
    try (java.net.ServerSocket secret =
        new java.net.ServerSocket(9999, 5, java.net.InetAddress.getLoopbackAddress())) {
      Rkt.Running pod = server("published", "--port=http:8080");
      String inPod = "ip netns exec cni-" + uuid() + " ";
      Rkt.exec("sh", "-c", inPod + "ip addr del 127.0.0.1/8 dev lo").ok();
      Rkt.exec("sh", "-c", inPod + "ip route flush table local").ok();
      Rkt.exec("sh", "-c", inPod + "ip route add local 172.16.28.0/24 dev eth0 table local");
      Rkt.exec("sh", "-c", inPod + "ip route add 127.0.0.0/8 via 172.16.28.1 dev eth0").ok();
      Rkt.exec("sh", "-c", inPod + "sysctl -qw net.ipv4.conf.all.route_localnet=1").ok();
      String tried =
          "import socket\n"
              + "try: socket.create_connection(('127.0.0.1',"
              + secret.getLocalPort()
              + "),2)\n"
              + "except OSError as e: print(e)\n";
      assertThat(
              Rkt.exec("ip", "netns", "exec", "cni-" + uuid(), "python3", "-c", tried).ok().out())
          .contains("timed out");
      stop(pod);
    }
  }

  @Test
  void hostsFileNamesThePodsAddress() {
    Path aci = Images.script(rkt, "app", "cat /etc/hosts");
    assertThat(
            rkt.insecure("run", "--hostname=me", "--net=default:IP=172.16.28.9", aci.toString())
                .ok()
                .out())
        .contains("172.16.28.9\tme\n");
  }

  @Test
  void killedPodsRemainsAreTakenAwayByGcBeforeItsGracePeriod() throws Exception {
    Rkt.Running pod = server("killed", "--port=http:8080");
    String info = Files.readString(rkt.data().resolve("pods/run/" + uuid() + "/net-info.json"));
    assertThat(info).contains("\"netName\":\"default\"").contains("\"ifName\":\"eth0\"");
    pod.signal("KILL");
    pod.await();
    assertThat(Path.of("/run/netns/cni-" + uuid())).exists();
    rkt.run("gc", "--grace-period=1h").ok();
    host.assertAsBefore();
  }

  @Test
  void rmTakesAKilledPodsRemainsAway() {
    Rkt.Running pod = server("killed", "--port=http:8080");
    pod.signal("KILL");
    pod.await();
    rkt.run("rm", uuid()).ok();
    host.assertAsBefore();
  }

  @Test
  void rebootIsSurvived() throws Exception {
    Rkt.Running pod = server("killed", "--port=http:8080");
    pod.signal("KILL");
    pod.await();
    // What a reboot does: namespaces, interfaces and rules are gone, files stay.
    Rkt.exec("umount", "/run/netns/cni-" + uuid()).ok();
    Files.delete(Path.of("/run/netns/cni-" + uuid()));
    Rkt.exec("nft", "flush", "ruleset").ok();
    Rkt.Result gc = rkt.run("gc", "--grace-period=0s").ok();
    assertThat(gc.err()).doesNotContain("error deleting");
    host.assertAsBefore();
  }
}
