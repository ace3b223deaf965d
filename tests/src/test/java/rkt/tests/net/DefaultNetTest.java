package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** The built-in networks and the special names; all is as before when the pod has ended. */
class DefaultNetTest extends NetworkCases {
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
            "nc " + HostNet.WORLD + " 7009; ip link set eth0 down || echo no; ls /sys/class/net",
            "--private-users",
            "--net=default");
    assertThat(result.ok().out())
        .contains("::ffff:" + HostNet.HOST, "no\n", "eth0\n")
        .doesNotContain("w0");
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

  /** Datagrams, and a range of ports: each port of the host leads to its own of the pod. */
  @Test
  void rangeOfDatagramPortsIsReached() {
    Path aci =
        Images.script(rkt, "echo", "sleep 60", "--port=name=dgram,protocol=udp,port=5000,count=3");
    Rkt.Running pod =
        rkt.startInsecure(
            "run", "--uuid-file-save=" + uuidFile(), "--port=dgram:6000", aci.toString());
    awaitReady();
    host.echoDatagrams("cni-" + uuid(), 5000, 3);
    for (int i = 0; i < 3; i++) {
      int port = i;
      // From the world and from the host itself.
      String[] command =
          i == 1
              ? HostNet.datagram("127.0.0.1", 6000 + i)
              : HostNet.inWorld(HostNet.datagram(HostNet.HOST, 6000 + i));
      Rkt.waitFor(
          "port " + (6000 + i), () -> Rkt.exec(command).out().equals((5000 + port) + " hello\n"));
    }
    assertThat(rkt.run("port", "--no-legend", uuid()).ok().out())
        .isEqualTo("dgram\t5000-5002/udp\t0.0.0.0:6000-6002\tdefault\n");
    stop(pod);
    host.assertAsBefore();
  }

  /** The kernel remembers where it led a sender, for as long as he goes on. */
  @Test
  void senderWhoNeverPausesReachesTheNextPod() throws Exception {
    Path aci = Images.script(rkt, "echo", "sleep 60", "--port=name=dgram,protocol=udp,port=5000");
    java.net.InetSocketAddress to = new java.net.InetSocketAddress(HostNet.HOST, 6000);
    try (java.net.DatagramSocket sender = new java.net.DatagramSocket()) {
      for (String ip : List.of("172.16.28.21", "172.16.28.22")) {
        Files.deleteIfExists(uuidFile());
        Rkt.Running pod =
            rkt.startInsecure(
                "run",
                "--uuid-file-save=" + uuidFile(),
                "--net=default:IP=" + ip,
                "--port=dgram:6000",
                aci.toString());
        awaitReady();
        host.echoDatagrams("cni-" + uuid(), 5000, 1);
        assertThat(answer(sender, to)).as(ip).isEqualTo("5000 hello");
        pod.signal("KILL");
        pod.await();
        rkt.run("gc", "--grace-period=0s").ok();
      }
    }
    host.assertAsBefore();
  }

  private static String answer(java.net.DatagramSocket sender, java.net.InetSocketAddress to)
      throws java.io.IOException {
    byte[] hello = "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    sender.setSoTimeout(3000);
    sender.send(new java.net.DatagramPacket(hello, hello.length, to));
    java.net.DatagramPacket reply = new java.net.DatagramPacket(new byte[99], 99);
    try {
      sender.receive(reply);
      return new String(
          reply.getData(), 0, reply.getLength(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (java.net.SocketTimeoutException e) {
      return "no answer";
    }
  }

  /** No traffic: this kernel may lack the protocol. The rules are the same but for its name. */
  @Test
  void sctpPortIsPublished() {
    Path aci = Images.script(rkt, "sctp", "sleep 60", "--port=assoc:sctp:7000");
    Rkt.Running pod =
        rkt.startInsecure(
            "run", "--uuid-file-save=" + uuidFile(), "--port=assoc:7001", aci.toString());
    awaitReady();
    assertThat(Rkt.exec("nft", "list", "table", "inet", "rkt-" + uuid()).ok().out())
        .contains("sctp dport 7001 dnat ip to 172.16.28.")
        .contains(":7000");
    stop(pod);
    host.assertAsBefore();
  }

  @Test
  void portTellsWhereAPodIsReached() {
    Rkt.Running pod = server("told", "--port=http:127.0.0.1:8080");
    assertThat(rkt.run("port", uuid()).ok().out())
        .containsPattern("NAME\\s+PORT\\s+HOST\\s+NETWORK\\n")
        .containsPattern("http\\s+80/tcp\\s+127.0.0.1:8080\\s+default\\n");
    assertThat(rkt.run("port", "--name=http", "--format=json", uuid()).ok().out().strip())
        .isEqualTo(
            "[{\"name\":\"http\",\"network\":\"default\",\"protocol\":\"tcp\","
                + "\"hostIP\":\"127.0.0.1\",\"hostPort\":8080,\"podPort\":80,\"count\":1}]");
    assertThat(rkt.run("port", "--name=other", uuid()).exited(254).err())
        .contains("has no published port \"other\"");
    assertThat(rkt.run("list").ok().out())
        .containsPattern("NETWORKS\\s+PORTS\\n")
        .endsWith("\t127.0.0.1:8080->80/tcp\n");
    // The pod finds its host at the gateway of its network.
    assertThat(rkt.run("status", "--format=json", uuid()).ok().out())
        .contains("\"hostIP\":\"172.16.28.1\"");
    stop(pod);
  }

  /** As ufw and firewalld have it: what they do not allow, a published port does not open. */
  @Test
  void firewallOfTheHostHolds() {
    Rkt.exec(
            "nft",
            "add table inet fw; add chain inet fw forward"
                + " { type filter hook forward priority 0; policy drop; }")
        .ok();
    try {
      Rkt.Running pod = server("behind", "--port=http:8080");
      assertThat(host.askFromWorld(HostNet.HOST, 8080)).isEmpty();
      assertThat(HostNet.ask("127.0.0.1", 8080)).isEqualTo("behind\n");
      Rkt.exec("nft", "add rule inet fw forward ip daddr 172.16.28.0/24 accept").ok();
      Rkt.exec("nft", "add rule inet fw forward ct state established,related accept").ok();
      assertThat(host.askFromWorld(HostNet.HOST, 8080)).isEqualTo("behind\n");
      stop(pod);
      assertThat(Rkt.exec("nft", "list", "table", "inet", "fw").ok().out())
          .contains("policy drop", "172.16.28.0/24 accept");
    } finally {
      Rkt.exec("nft", "delete", "table", "inet", "fw").ok();
    }
    host.assertAsBefore();
  }

  /** A neighbour sends what it likes to the host: only what is published is reached. */
  @Test
  void neighbourReachesWhatIsPublishedAndNoMore() {
    Rkt.Running pod = server("mine", "--net=default:IP=172.16.28.44", "--port=http:127.0.0.1:8080");
    host.world("ip", "route", "add", "172.16.28.0/24", "via", HostNet.HOST).ok();
    assertThat(HostNet.ask("172.16.28.44", 80)).isEqualTo("mine\n");
    assertThat(host.askFromWorld("172.16.28.44", 80)).isEmpty();
    // moby/moby#45610: what is for the host alone, wanted by others who call themselves the host.
    host.world("ip", "addr", "del", "127.0.0.1/8", "dev", "lo").ok();
    host.world("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1").ok();
    host.world("ip", "route", "add", "127.0.0.1/32", "via", HostNet.HOST).ok();
    assertThat(host.askFromWorld("127.0.0.1", 8080)).isEmpty();
    assertThat(HostNet.ask("127.0.0.1", 8080)).isEqualTo("mine\n");
    stop(pod);
  }

  /** CAP_NET_RAW is among an app's capabilities; with it a pod could speak for others. */
  @Test
  void podCannotSendInTheNameOfAnother() throws Exception {
    try (java.net.DatagramSocket socket =
        new java.net.DatagramSocket(9997, java.net.InetAddress.getByName(HostNet.HOST))) {
      socket.setSoTimeout(1000);
      Rkt.Running pod = server("mine", "--net=default:IP=172.16.28.44");
      String inPod = "ip netns exec cni-" + uuid() + " ";
      // CVE-2020-10749: nor may it be the host's router.
      assertThat(Rkt.exec("sh", "-c", "cat /proc/sys/net/ipv6/conf/veth*/accept_ra").ok().out())
          .isEqualTo("0\n");
      java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[9], 9);
      for (String address : List.of("172.16.28.44", "172.16.28.45", "10.99.0.2")) {
        Rkt.exec("sh", "-c", inPod + "ip addr add " + address + "/32 dev eth0 2>/dev/null");
        String send =
            "import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
                + "s.bind(('%s',0));s.sendto(b'x',('%s',9997))".formatted(address, HostNet.HOST);
        Rkt.exec("sh", "-c", inPod + "python3 -c \"" + send + "\"").ok();
        if (address.endsWith(".44")) {
          socket.receive(packet);
          assertThat(packet.getAddress().getHostAddress()).isEqualTo(address);
        } else {
          org.assertj.core.api.Assertions.assertThatThrownBy(() -> socket.receive(packet))
              .isInstanceOf(java.net.SocketTimeoutException.class);
        }
      }
      stop(pod);
    }
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[::1]|port \"http\" cannot be reached at ::1",
        "[fd99::1]|port \"http\" of fd99::1 leads nowhere: the pod has no IPv6 address"
      })
  void portThatWouldLeadNowhereIsRefused(String address, String message) {
    Path aci = Images.script(rkt, "app", "true", "--port=http:tcp:80");
    assertThat(rkt.insecure("run", "--port=http:" + address + ":81", aci.toString()).exited(254))
        .extracting(Rkt.Result::err, org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .contains(message);
  }

  /** A mistake in the networks costs no prepared pod. */
  @Test
  void preparedPodOutlivesNetworksThatCannotBe() {
    Path aci = Images.script(rkt, "app", "true", "--port=http:tcp:80");
    String pod = rkt.insecure("prepare", "--quiet", "--port=http:8080", aci.toString()).ok().out();
    for (String net : List.of("none", "host", "nowhere", "ns:/proc/self/ns/net")) {
      assertThat(rkt.run("run-prepared", "--net=" + net, pod.strip()).exited(254).err())
          .containsPattern("cannot publish ports|networks not found");
    }
    rkt.run("run-prepared", pod.strip()).ok();
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

  @Test
  void whatIsNoNamespaceIsRefused() {
    Path fifo = rkt.home().resolve("fifo");
    Rkt.exec("mkfifo", fifo.toString()).ok();
    Path aci = Images.script(rkt, "app", "true");
    for (String path : List.of(fifo.toString(), "/etc/passwd", "/nowhere")) {
      assertThat(rkt.insecure("run", "--net=ns:" + path, aci.toString()).exited(254).err())
          .contains("cannot join network namespace " + path)
          .contains("name the file of a network namespace");
    }
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

  /** A pod's directory that somebody removed by hand, a reservation that a crash left. */
  @Test
  void addressesOfPodsWithoutATraceAreFreedByGc() throws Exception {
    Rkt.Running pod = server("alive", "--net=default:IP=172.16.28.30");
    Path addresses = Path.of("/var/lib/cni/networks/default");
    Path stale = addresses.resolve("172.16.28.31");
    Path foreign = addresses.resolve("172.16.28.32");
    try {
      Files.writeString(stale, "11111111-2222-3333-4444-555555555555\neth0");
      Files.writeString(foreign, "e83b5a0f".repeat(8) + "\neth0");
      assertThat(rkt.run("gc").ok().err()).contains("freed address 172.16.28.31 in " + addresses);
      assertThat(stale).doesNotExist();
      assertThat(foreign).exists();
      assertThat(addresses.resolve("172.16.28.30")).exists();
    } finally {
      Files.deleteIfExists(stale);
      Files.deleteIfExists(foreign);
    }
    stop(pod);
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
