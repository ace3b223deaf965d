package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Networks that users configure, with the plugins of the host. */
class CustomNetTest {
  private HostNet host;
  private Rkt rkt;
  private Path uuid;

  @BeforeEach
  void setUp() throws IOException {
    host = new HostNet();
    rkt = new Rkt();
    uuid = rkt.home().resolve("uuid");
    Files.createDirectories(rkt.config().resolve("net.d"));
  }

  @AfterEach
  void tearDown() {
    try {
      if (rkt != null) {
        rkt.close();
      }
    } finally {
      if (host != null) {
        Rkt.exec("ip", "link", "del", "tbr0");
        // iptables of the plugins leaves its empty table.
        Rkt.exec("nft", "flush", "ruleset");
        host.close();
      }
    }
  }

  private void network(String name, String plugin) throws IOException {
    Files.writeString(
        rkt.config().resolve("net.d/10-n.conf"),
        "{\"cniVersion\":\"0.4.0\",\"name\":\"" + name + "\"," + plugin + "}");
  }

  private String hostLocal(String subnet) {
    return "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
        + rkt.home()
        + "/ipam\",\"subnet\":\""
        + subnet
        + "\",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}";
  }

  private Rkt.Result sh(String script, String... flags) {
    Path aci = Images.script(rkt, "app", script);
    List<String> args = new ArrayList<>(List.of("run"));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    return rkt.insecure(args.toArray(String[]::new));
  }

  private Rkt.Running server(String text, String... flags) {
    Path aci =
        Images.script(
            rkt,
            "server",
            "while :; do echo " + text + " | nc -l -p 80; done",
            "--port=http:tcp:80");
    List<String> args = new ArrayList<>(List.of("run", "--uuid-file-save=" + uuid));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    Rkt.Running running = rkt.startInsecure(args.toArray(String[]::new));
    Rkt.waitFor("the server", () -> listens(running));
    return running;
  }

  private boolean listens(Rkt.Running running) {
    if (!running.isAlive()) {
      throw new AssertionError("the server pod ended: " + running.await().all());
    }
    try {
      Path pid = rkt.data().resolve("pods/run/" + Files.readString(uuid).strip() + "/pid");
      String net = "/proc/" + Files.readString(pid).strip() + "/net/";
      return (Files.readString(Path.of(net + "tcp")) + Files.readString(Path.of(net + "tcp6")))
          .matches("(?s).*:0050 [0:]+ 0A .*");
    } catch (IOException e) {
      return false;
    }
  }

  private void stop(Rkt.Running running) {
    running.signal("TERM");
    running.await();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"type\":\"ptp\",\"ipMasq\":true,",
        "\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isGateway\":true,\"ipMasq\":true,"
      })
  void podsOfOneNetworkReachEachOtherAndTheWorld(String plugin) throws IOException {
    network("n", plugin + hostLocal("10.79.0.0/24"));
    host.echoAddress(7003);
    Rkt.Running first = server("hello", "--net=n:IP=10.79.0.50");
    String out = sh("nc 10.79.0.50 80; nc " + HostNet.WORLD + " 7003", "--net=n").ok().out();
    assertThat(out).startsWith("hello\n").contains("::ffff:" + HostNet.HOST);
    stop(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", HostNet.HOST})
  void publishedPortOfABridge(String address) throws IOException {
    network(
        "n",
        "\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isGateway\":true,\"ipMasq\":true,"
            + hostLocal("10.79.0.0/24"));
    Rkt.Running pod = server("bridged", "--net=n,default", "--port=http:8083");
    assertThat(HostNet.ask(address, 8083)).isEqualTo("bridged\n");
    // From the same bridge the way back must lead through the host, too.
    assertThat(sh("nc " + HostNet.HOST + " 8083", "--net=n").ok().out()).isEqualTo("bridged\n");
    assertThat(host.askFromWorld(HostNet.HOST, 8083)).isEqualTo("bridged\n");
    stop(pod);
  }

  /** CVE-2020-8558: the bridge outlives the pod, and so does its setting that needs the guard. */
  @Test
  void hostsLoopbackStaysClosedToABridgeWhosePublishedPodHasGone() throws Exception {
    network(
        "n",
        "\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isGateway\":true," + hostLocal("10.79.0.0/24"));
    for (int i = 0; i < 2; i++) {
      Rkt.Running published = server("gone", "--net=n", "--port=http:8087");
      assertThat(HostNet.ask("127.0.0.1", 8087)).isEqualTo("gone\n");
      stop(published);
    }
    assertThat(Rkt.exec("sysctl", "-n", "net.ipv4.conf.tbr0.route_localnet").ok().out())
        .isEqualTo("1\n");
    try (ServerSocket secret = new ServerSocket(9998, 5, InetAddress.getLoopbackAddress())) {
      Rkt.Running pod = server("other", "--net=n");
      String inPod = "ip netns exec cni-" + Files.readString(uuid).strip() + " ";
      Rkt.exec("sh", "-c", inPod + "ip addr del 127.0.0.1/8 dev lo").ok();
      Rkt.exec("sh", "-c", inPod + "ip route flush table local").ok();
      Rkt.exec("sh", "-c", inPod + "ip route add local 10.79.0.4 dev eth0 table local").ok();
      Rkt.exec("sh", "-c", inPod + "ip route add 127.0.0.0/8 via 10.79.0.1 dev eth0").ok();
      Rkt.exec("sh", "-c", inPod + "sysctl -qw net.ipv4.conf.all.route_localnet=1").ok();
      String tried =
          "import socket\n"
              + "try: socket.create_connection(('127.0.0.1',"
              + secret.getLocalPort()
              + "),2);print('reached')\n"
              + "except OSError as e: print(e)\n";
      assertThat(Rkt.exec("sh", "-c", inPod + "python3 -c \"" + tried + "\"").ok().out())
          .isEqualTo("timed out\n");
      stop(pod);
    }
  }

  @Test
  void publishedPortOfIpv6() throws IOException {
    network(
        "n",
        "\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isDefaultGateway\":true,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"ranges\":[[{\"subnet\":\"fd79::/64\"}]]}");
    Rkt.Running pod = server("six", "--net=n", "--port=http:[" + HostNet.HOST6 + "]:8084");
    assertThat(host.askFromWorld(HostNet.HOST6, 8084)).isEqualTo("six\n");
    assertThat(HostNet.ask(HostNet.HOST6, 8084)).isEqualTo("six\n");
    stop(pod);
    Rkt.exec("sysctl", "-qw", "net.ipv6.conf.all.forwarding=0").ok();
  }

  @Test
  void macvlan() throws IOException {
    assumeTrue(
        Rkt.exec("ip", "link", "add", "mv0", "link", "w0", "type", "macvlan").exit() == 0,
        "this kernel has no macvlan");
    HostNet.ip("link", "del", "mv0");
    network("n", "\"type\":\"macvlan\",\"master\":\"w0\"," + hostLocal("10.79.0.0/24"));
    Rkt.Running first = server("vlan", "--net=n:IP=10.79.0.50");
    assertThat(sh("nc 10.79.0.50 80", "--net=n").ok().out()).isEqualTo("vlan\n");
    stop(first);
  }

  @Test
  void aVeryLongNameWorks() throws IOException {
    String name = "long-" + "n".repeat(200);
    network(name, "\"type\":\"ptp\",\"ipMasq\":true," + hostLocal("10.79.0.0/24"));
    Rkt.Running pod = server("long", "--net=" + name, "--port=http:8085");
    assertThat(HostNet.ask("127.0.0.1", 8085)).isEqualTo("long\n");
    stop(pod);
  }

  /** As flannel does: a plugin that calls another one, by a configuration of its own making. */
  @Test
  void delegatingPluginSetsTheDefaultGateway() throws IOException {
    network("n", "\"type\":\"delegate\"");
    String delegate =
        "{\"cniVersion\":\"0.4.0\",\"name\":\"other\",\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isDefaultGateway\":true,"
            + "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"subnet\":\"10.79.0.0/24\"}}";
    Path plugin = rkt.config().resolve("net.d/delegate");
    Files.writeString(
        plugin,
        "#!/bin/sh\nIFS=:\nfor d in $CNI_PATH; do [ ! -x $d/bridge ] || break; done\n"
            + "cat > /dev/null\necho '"
            + delegate
            + "' | $d/bridge\n");
    plugin.toFile().setExecutable(true);
    assertThat(sh("ip route", "--net=n").ok().out()).contains("default via 10.79.0.1");
    assertThat(rkt.run("list", "--no-legend").ok().out()).contains("n:ip4=10.79.0.2");
  }

  @Test
  void portsOfARangeAreAllPublished() throws IOException {
    Path aci =
        Images.script(
            rkt,
            "range",
            "for p in 9000 9002; do (while :; do echo $p | nc -l -p $p; done) & done;"
                + " while :; do nc -l -p 80; done",
            "--port=name=many,protocol=tcp,port=9000,count=3");
    Rkt.Running pod =
        rkt.startInsecure("run", "--uuid-file-save=" + uuid, "--port=many:7100", aci.toString());
    Rkt.waitFor("the server", () -> listens(pod));
    Rkt.waitFor("all of the range", () -> HostNet.ask("127.0.0.1", 7102).equals("9002\n"));
    assertThat(HostNet.ask("127.0.0.1", 7100)).isEqualTo("9000\n");
    assertThat(HostNet.ask("127.0.0.1", 7101)).isEmpty();
    assertThat(rkt.status(Files.readString(uuid).strip(), "ports"))
        .isEqualTo("7100-7102->9000-9002/tcp");
    stop(pod);
  }
}
