package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Networks that users configure, with the plugins of the host. */
class CustomNetTest extends NetworkCases {
  @Override
  void removeLasting() {
    Rkt.exec("ip", "link", "del", "tbr0");
    // iptables of the plugins leaves its empty table.
    Rkt.exec("nft", "flush", "ruleset");
  }

  private void network(String name, String plugin) throws IOException {
    conf("10-n.conf", "{\"cniVersion\":\"0.4.0\",\"name\":\"" + name + "\"," + plugin + "}");
  }

  private String hostLocal(String subnet) {
    return "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
        + rkt.home()
        + "/ipam\",\"subnet\":\""
        + subnet
        + "\",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}";
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
    // Where each network has its host.
    assertThat(rkt.run("status", "--format=json", uuid()).ok().out())
        .contains("\"hostIP\":\"10.79.0.1\"", "\"hostIP\":\"172.16.28.1\"");
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
      String inPod = "ip netns exec cni-" + uuid() + " ";
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
  void disabledIpv6IsSaidToBe() throws IOException {
    network(
        "n",
        "\"type\":\"bridge\",\"bridge\":\"tbr0\",\"isGateway\":true,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"ranges\":[[{\"subnet\":\"fd79::/64\"}]]}");
    for (String all : List.of("all", "default")) {
      Rkt.exec("sysctl", "-qw", "net.ipv6.conf." + all + ".disable_ipv6=1").ok();
    }
    try {
      Rkt.Result six = sh("echo started", "--net=n");
      assertThat(six.exited(254).err())
          .contains("error adding network \"n\"", "IPv6 is disabled on this host");
      assertThat(six.out()).isEmpty();
      // Other pods do not care, with ports on all addresses of the host as well.
      assertThat(sh("echo started", "--port=http:8086").ok().out()).isEqualTo("started\n");
    } finally {
      for (String all : List.of("all", "default", "lo", "w0")) {
        Rkt.exec("sysctl", "-qw", "net.ipv6.conf." + all + ".disable_ipv6=0").ok();
      }
      HostNet.ip("-6", "addr", "replace", HostNet.HOST6 + "/64", "dev", "w0", "nodad");
    }
  }

  @Test
  void macvlan() throws IOException {
    assumeTrue(
        Rkt.exec("ip", "link", "add", "mv0", "link", "w0", "type", "macvlan").exit() == 0,
        "this kernel has no macvlan");
    HostNet.ip("link", "del", "mv0");
    network("n", "\"type\":\"macvlan\",\"master\":\"w0\"," + hostLocal("10.79.0.0/24"));
    Rkt.Running first = server("vlan", "--net=n:IP=10.79.0.50");
    // The gateway is no address of this host.
    assertThat(rkt.run("status", "--format=json", uuid()).ok().out()).doesNotContain("hostIP");
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
        rkt.startInsecure(
            "run", "--uuid-file-save=" + uuidFile(), "--port=many:7100", aci.toString());
    Rkt.waitFor("the server", () -> listens(pod));
    Rkt.waitFor("all of the range", () -> HostNet.ask("127.0.0.1", 7102).equals("9002\n"));
    assertThat(HostNet.ask("127.0.0.1", 7100)).isEqualTo("9000\n");
    assertThat(HostNet.ask("127.0.0.1", 7101)).isEmpty();
    assertThat(rkt.status(uuid(), "ports")).isEqualTo("7100-7102->9000-9002/tcp");
    stop(pod);
  }
}
