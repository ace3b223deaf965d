package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** What plugins are given, what is made of their answers, and how it is undone. */
class CniTest extends NetworkCases {
  /** TestNetCNIEnv: the environment, and the file as it is, byte by byte. */
  @Test
  void pluginIsCalledAsOfOld() throws IOException {
    RecordingPlugin plugin = new RecordingPlugin(rkt, "recorder").answers("ADD", "{}", 0);
    String conf = "{\n \"name\": \"rec\",  \"type\": \"recorder\", \"own\": [1, 2.50] }\n\n";
    conf("10-rec.conf", conf);
    sh("true", "--net=rec:IP=1.2.3.4;K=V").ok();
    assertThat(plugin.verbs()).containsExactly("ADD", "DEL");
    for (int call = 0; call < 2; call++) {
      assertThat(plugin.stdin(call)).isEqualTo(conf);
      assertThat(plugin.environment(call))
          .containsExactly(
              "CNI_ARGS=IP=1.2.3.4;K=V;IgnoreUnknown=1",
              "CNI_COMMAND=" + plugin.verbs().get(call),
              "CNI_CONTAINERID=" + uuid(),
              "CNI_IFNAME=eth0",
              "CNI_NETNS=/var/run/netns/cni-" + uuid(),
              "CNI_PATH="
                  + rkt.config()
                  + "/net.d:/usr/lib/rkt/plugins/net:/opt/cni/bin:/usr/libexec/cni:/usr/lib/cni",
              "CNI_VERSION=0.1.0");
    }
  }

  /** The specification, 1.0.0: chained results, one result for all at DEL, reverse order. */
  @Test
  void pluginsOfAListAreChained() throws IOException {
    RecordingPlugin first = new RecordingPlugin(rkt, "first");
    RecordingPlugin second = new RecordingPlugin(rkt, "second");
    first.does("DEL", "ls " + rkt.home() + "/plugin-second | grep -q DEL.stdin || exit 7");
    String one =
        "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"x\"}],"
            + "\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":0}],\"dns\":{}}";
    String two = one.replace("10.1.0.5/16", "10.2.0.5/16");
    first.answers("ADD", one, 0);
    second.answers("ADD", two, 0);
    conf(
        "10-list.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"list\",\"plugins\":["
            + "{\"type\":\"first\",\"x\":{\"y\":1}},"
            + "{\"type\":\"second\",\"capabilities\":{\"portMappings\":true,\"mac\":true}}]}");
    Rkt.Result result =
        sh("true", "--net=list:MAC=02:00:00:00:00:01", "--port=http:8080", "--port=many:[::1]:90");
    assertThat(result.ok().err()).doesNotContain("teardown");
    String ports =
        "\"runtimeConfig\":{\"portMappings\":["
            + "{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"},"
            + "{\"hostPort\":90,\"containerPort\":90,\"protocol\":\"udp\",\"hostIP\":\"::1\"}],"
            + "\"mac\":\"02:00:00:00:00:01\"}";
    String base = "{\"cniVersion\":\"1.0.0\",\"name\":\"list\",";
    String secondConf =
        "\"type\":\"second\",\"capabilities\":{\"portMappings\":true,\"mac\":true}," + ports;
    assertThat(first.stdin(0)).isEqualTo(base + "\"type\":\"first\",\"x\":{\"y\":1}}");
    assertThat(second.stdin(0)).isEqualTo(base + secondConf + ",\"prevResult\":" + one + "}");
    assertThat(second.stdin(1)).isEqualTo(base + secondConf + ",\"prevResult\":" + two + "}");
    assertThat(first.stdin(1))
        .isEqualTo(base + "\"type\":\"first\",\"x\":{\"y\":1},\"prevResult\":" + two + "}");
    assertThat(first.verbs()).containsExactly("ADD", "DEL");
    assertThat(second.verbs()).containsExactly("ADD", "DEL");
    assertThat(rkt.status(uuid(), "networks")).isEqualTo("list:ip4=10.2.0.5");
    assertThat(rkt.run("list", "--format=json").ok().out())
        .contains("\"mask\":\"255.255.0.0\"")
        .contains("\"pluginPath\":\"" + rkt.config() + "/net.d/first\"")
        .contains("\"args\":\"MAC=02:00:00:00:00:01\"");
  }

  /** Plugins at a configured place, which are told the DNS settings of the command line. */
  @Test
  void configuredPluginsAndTheirDns() throws IOException {
    RecordingPlugin plugin = new RecordingPlugin(rkt, "named");
    plugin.answers("ADD", "{\"cniVersion\":\"1.0.0\"}", 0);
    Path away = Files.createDirectories(rkt.home().resolve("away"));
    Files.move(rkt.config().resolve("net.d/named"), away.resolve("named"));
    conf(
        "10-dns.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"dns\",\"plugins\":["
            + "{\"type\":\"named\",\"capabilities\":{\"dns\":true}}]}");
    assertThat(sh("true", "--net=dns").exited(254).err())
        .contains("Could not find plugin \"named\" in ");
    Path paths = Files.createDirectories(rkt.config().resolve("paths.d")).resolve("p.json");
    Files.writeString(
        paths, "{\"rktKind\":\"paths\",\"rktVersion\":\"v1\",\"net-plugins\":[\"" + away + "\"]}");
    sh("true", "--net=dns", "--dns=192.0.2.7", "--dns-search=example.com").ok();
    assertThat(plugin.stdin(0))
        .contains(
            "\"runtimeConfig\":{\"dns\":{\"servers\":[\"192.0.2.7\"],\"searches\":[\"example.com\"]}}");
    assertThat(plugin.environment(0))
        .anyMatch(v -> v.startsWith("CNI_PATH=" + rkt.config() + "/net.d:" + away + ":"));
    assertThat(rkt.run("config").ok().out()).contains(away.toString());
    Files.writeString(
        paths, "{\"rktKind\":\"paths\",\"rktVersion\":\"v1\",\"net-plugins\":[\"relative\"]}");
    assertThat(sh("true", "--net=dns").exited(254).err())
        .contains("directory of network plugins \"relative\" must be an absolute path");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"code\":7,\"msg\":\"no luck\",\"details\":\"at all\"}|1|no luck; at all",
        "{\"code\":11,\"msg\":\"busy\"}|1|this passes: try again",
        "gibberish|1|error parsing its diagnostic message \"gibberish\"",
        "''|3|net.d/second: exit status 3",
        "gibberish|0|error parsing \"second\" result: ",
        "{\"cniVersion\":\"0.4.0\"}|0|it is of cniVersion \"0.4.0\", asked for was 1.0.0",
        "{\"ips\":[]}|0|it has no cniVersion, asked for was 1.0.0",
        "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.0.5\"}]}|0|no address with a prefix",
        "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.0.5/8\",\"interface\":0}]}|0|there is no interface 0"
      })
  void failureAtAStepUndoesThoseBefore(String output, int status, String message)
      throws IOException {
    conf(
        "20-list.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"list\",\"plugins\":["
            + "{\"type\":\"first\"},{\"type\":\"second\"}]}");
    String good = "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.0.5/16\"}]}";
    RecordingPlugin first = new RecordingPlugin(rkt, "first").answers("ADD", good, 0);
    RecordingPlugin second = new RecordingPlugin(rkt, "second").answers("ADD", output, status);
    // DEL that fails as well must not hide the first error.
    second.answers("DEL", "{\"code\":9,\"msg\":\"cannot\"}", 1);
    Rkt.Result result = sh("echo started", "--net=default-restricted,list");
    assertThat(result.exited(254).out()).isEmpty();
    String error = "error adding network \"list\"";
    assertThat(result.err()).contains(error).contains(message);
    assertThat(first.verbs()).containsExactly("ADD", "DEL");
    assertThat(second.verbs()).containsExactly("ADD", "DEL");
    assertThat(rkt.pods()).isEmpty();
    host.assertAsBefore();
  }

  @Test
  void crashedPluginIsNamed() throws IOException {
    conf("10-c.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"c\",\"type\":\"crash\"}");
    new RecordingPlugin(rkt, "crash").does("ADD", "kill -SEGV $$");
    assertThat(sh("true", "--net=c").exited(254).err())
        .contains("error adding network \"c\"")
        .contains("net.d/crash: it was killed by signal 11");
  }

  @Test
  void versionIsNegotiatedWhenAPluginRefusesIt() throws IOException {
    conf(
        "10-v.conflist",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"v\",\"plugins\":[{\"type\":\"old\"}]}");
    RecordingPlugin old = new RecordingPlugin(rkt, "old");
    old.answers(
        "VERSION",
        "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"9.0.0\"]}",
        0);
    old.does(
        "ADD",
        "case $CNI_VERSION in 0.4.0) echo '{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.2/8\"}]}';;"
            + " *) echo '{\"code\":1,\"msg\":\"incompatible CNI versions\"}'; exit 1;; esac");
    sh("true", "--net=v").ok();
    assertThat(old.verbs()).containsExactly("ADD", "VERSION", "DEL", "ADD", "DEL");
    assertThat(old.stdin(3)).startsWith("{\"cniVersion\":\"0.4.0\",");
    old.answers("VERSION", "{\"cniVersion\":\"2.0.0\",\"supportedVersions\":[\"2.0.0\"]}", 0);
    assertThat(sh("true", "--net=v").exited(254).err())
        .contains("have no version in common: old knows 2.0.0");
  }

  @Test
  void pluginsOfDebianServeNewerConfigurations() throws IOException {
    conf(
        "10-n.conflist",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\",\"bridge\":\"nbr0\","
            + "\"isGateway\":true,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"subnet\":\"10.77.0.0/24\"}}]}");
    assertThat(sh("ip -4 -o addr show eth0", "--net=n").ok().out()).contains("10.77.0.2/24");
    Rkt.exec("ip", "link", "del", "nbr0").ok();
  }

  @Test
  void dnsOfANetworkIsTheAppsUnlessTheUserSaysOtherwise() throws IOException {
    conf("10-d.conf", "{\"cniVersion\":\"0.2.0\",\"name\":\"d\",\"type\":\"dns\"}");
    new RecordingPlugin(rkt, "dns")
        .answers(
            "ADD",
            "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.3.0.5/24\",\"routes\":[]},"
                + "\"dns\":{\"nameservers\":[\"10.3.0.1\"],\"domain\":\"d.example\",\"search\":[\"s\"],\"options\":[\"debug\"]}}",
            0);
    assertThat(sh("cat /etc/resolv.conf", "--net=d").ok().out())
        .contains("nameserver 10.3.0.1\n", "search s\n", "options debug\n", "domain d.example\n");
    assertThat(sh("cat /etc/resolv.conf", "--net=d", "--dns=9.9.9.9").ok().out())
        .contains("nameserver 9.9.9.9")
        .doesNotContain("10.3.0.1");
    assertThat(sh("test ! -e /etc/resolv.conf", "--net=d", "--dns=none").exit()).isZero();
  }

  @Test
  void badConfigurationIsNamedWithItsPosition() throws IOException {
    conf("10-bad.conf", "{\n  \"name\": \"x\",\n  \"type\": 7\n}\n");
    assertThat(sh("true", "--net=default").exited(254).err())
        .contains("error loading network definitions")
        .contains(rkt.config() + "/net.d/10-bad.conf")
        .contains("type must be a string")
        .contains("line 3");
    conf("10-bad.conf", "{\"name\": \"x\", \"type\": \"../evil\"}\n");
    assertThat(sh("true", "--net=default").exited(254).err())
        .contains("must be the name of a plugin");
    conf("10-bad.conf", "{\"cniVersion\":\"3.0.0\",\"name\": \"x\", \"type\": \"ptp\"}\n");
    assertThat(sh("true", "--net=default").exited(254).err())
        .contains("10-bad.conf")
        .contains("cniVersion \"3.0.0\" is not supported");
  }

  /** Also when it is another network that is asked for, and for gc, which looks at all. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"ipam\":{\"type\":7}|ipam.type must be a string, not a number (line 1, column 41)",
        "\"ipam\":{\"dataDir\":7}|ipam.dataDir must be a string, not a number",
        "\"capabilities\":{\"portMappings\":\"y\"}|capabilities.portMappings must be a boolean"
      })
  void whatRktItselfGoesByIsReadStrictly(String member, String message) throws IOException {
    conf("10-bad.conf", "{\"name\":\"x\",\"type\":\"ptp\"," + member + "}");
    assertThat(sh("true", "--net=default").exited(254).err())
        .contains("error loading network definitions: " + rkt.config() + "/net.d/10-bad.conf: ")
        .contains(message);
    assertThat(rkt.run("gc").ok().err())
        .contains("cannot collect garbage of networks")
        .contains(message);
  }

  @Test
  void unknownNetworksAndPluginsAreNamed() throws IOException {
    conf("10-p.conf", "{\"name\": \"p\", \"type\": \"nowhere\"}\n");
    assertThat(sh("true", "--net=zz,default,aa").exited(254).err())
        .contains("networks not found: aa, zz");
    assertThat(sh("true", "--net=p").exited(254).err())
        .contains("Could not find plugin \"nowhere\"")
        .contains("/usr/lib/cni");
    host.assertAsBefore();
  }

  @Test
  void networksAreJoinedInTheOrderOfTheirFiles() throws IOException {
    for (String name : List.of("b", "a")) {
      conf(
          (name.equals("b") ? "10" : "20") + "-" + name + ".conf",
          "{\"name\":\"" + name + "\",\"type\":\"r" + name + "\"}");
      new RecordingPlugin(rkt, "r" + name)
          .answers("ADD", "{\"ip4\":{\"ip\":\"10.4.0." + (name.equals("b") ? 1 : 2) + "/24\"}}", 0);
    }
    conf("30-b.conf", "{\"name\":\"b\",\"type\":\"other\"}");
    Rkt.Result result = sh("true", "--net=all").ok();
    assertThat(result.err()).contains("\"b\" network already defined, ignoring ");
    assertThat(rkt.status(uuid(), "networks"))
        .matches("b:ip4=10.4.0.1, a:ip4=10.4.0.2, default-restricted:ip4=\\S+, default:ip4=\\S+");
  }

  @Test
  void usersNetworkGoesOverABuiltInOne() throws IOException {
    conf("10-default.conf", "{\"name\":\"default\",\"type\":\"mine\"}");
    RecordingPlugin mine = new RecordingPlugin(rkt, "mine").answers("ADD", "{}", 0);
    sh("true").ok();
    assertThat(mine.verbs()).containsExactly("ADD", "DEL");
  }

  /** The plugin kills rkt while it works: what is on disk says how to undo it. */
  @Test
  void killInTheMiddleIsUndoneByGc() throws IOException {
    conf("10-k.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"k\",\"type\":\"killer\"}");
    RecordingPlugin killer = new RecordingPlugin(rkt, "killer").does("ADD", "kill -9 $PPID");
    assertThat(sh("echo started", "--net=default-restricted,k").exited(137).out()).isEmpty();
    assertThat(killer.verbs()).containsExactly("ADD");
    assertThat(HostNet.snapshot()).contains("cni-");
    rkt.run("gc", "--grace-period=1h").ok();
    assertThat(killer.verbs()).containsExactly("ADD", "DEL");
    host.assertAsBefore();
  }

  /** Teardown without the configuration, the plugin, or both. */
  @Test
  void vanishedPluginIsReportedAndItsAddressFreed() throws IOException {
    conf(
        "10-g.conf",
        "{\"cniVersion\":\"0.4.0\",\"name\":\"g\",\"type\":\"gone\",\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"subnet\":\"10.77.0.0/24\"}}");
    RecordingPlugin gone = new RecordingPlugin(rkt, "gone");
    gone.answers(
        "ADD",
        "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.77.0.2/24\"}]}",
        0);
    gone.does(
        "ADD",
        "mkdir -p "
            + rkt.home()
            + "/ipam/g; touch "
            + rkt.home()
            + "/ipam/g/lock;"
            + " printf \"$CNI_CONTAINERID\\r\\neth0\" > "
            + rkt.home()
            + "/ipam/g/10.77.0.2;"
            + " printf other > "
            + rkt.home()
            + "/ipam/g/10.77.0.3;"
            + " rm "
            + rkt.config()
            + "/net.d/gone "
            + rkt.config()
            + "/net.d/10-g.conf");
    Rkt.Result result = sh("true", "--net=g");
    assertThat(result.ok().err()).contains("net.d/gone: No such file or directory");
    assertThat(rkt.home().resolve("ipam/g/10.77.0.2")).exists();
    Rkt.Result gc = rkt.run("gc").ok();
    assertThat(gc.err()).contains("error deleting \"g: gone\"").contains("freed address 10.77.0.2");
    assertThat(rkt.home().resolve("ipam/g/10.77.0.2")).doesNotExist();
    assertThat(rkt.home().resolve("ipam/g/10.77.0.3")).exists();
    host.assertAsBefore();
  }

  @Test
  void exhaustedSubnetIsSaidSo() throws IOException {
    conf(
        "10-s.conf",
        "{\"cniVersion\":\"0.4.0\",\"name\":\"s\",\"type\":\"ptp\",\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"subnet\":\"10.77.0.0/30\"}}");
    Files.createDirectories(rkt.home().resolve("ipam/s"));
    Files.writeString(rkt.home().resolve("ipam/s/10.77.0.2"), "somebody");
    assertThat(sh("true", "--net=s").exited(254).err())
        .contains("error adding network \"s\"")
        .contains("no IP addresses available")
        .contains("rkt gc");
    host.assertAsBefore();
  }

  @Test
  void bridgeWithBothFamiliesAndAPublishedPort() throws Exception {
    conf(
        "10-br.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"br\",\"plugins\":[{\"type\":\"bridge\",\"bridge\":\"tbr0\","
            + "\"isDefaultGateway\":true,\"ipMasq\":true,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
            + rkt.home()
            + "/ipam\",\"ranges\":[[{\"subnet\":\"10.78.0.0/24\"}],[{\"subnet\":\"fd78::/64\"}]]}}]}");
    host.echoAddress(7002);
    Rkt.Result result =
        sh(
            "nc " + HostNet.WORLD + " 7002; nc " + HostNet.WORLD6 + " 7002; cat /etc/hosts",
            "--net=br");
    assertThat(result.ok().out())
        .contains("::ffff:" + HostNet.HOST + "\n")
        .contains("10.78.0.2\trkt-");
    assertThat(rkt.status(uuid(), "networks")).matches("br:ip4=10.78.0.2:ip6=fd78::\\S+");
    Rkt.exec("ip", "link", "del", "tbr0").ok();
    // The plugin's own chains of iptables, which it leaves empty.
    Rkt.exec("nft", "flush", "ruleset").ok();
    Rkt.exec("sysctl", "-qw", "net.ipv6.conf.all.forwarding=0").ok();
  }

  /** CHECK gets what DEL would get; GC is told who is there. */
  @Test
  void pluginsAreAskedAndToldAboutPods() throws Exception {
    String conf = "{\"cniVersion\":\"1.1.0\",\"name\":\"u\",\"plugins\":[{\"type\":\"up\"}]}";
    conf("10-u.conflist", conf);
    RecordingPlugin up = new RecordingPlugin(rkt, "up");
    String result = "{\"cniVersion\":\"1.1.0\",\"ips\":[{\"address\":\"10.5.0.2/16\"}]}";
    up.answers("ADD", result, 0);
    Path aci = Images.script(rkt, "app", "sleep 100");
    Rkt.Running pod =
        rkt.startInsecure("run", "--net=u", "--uuid-file-save=" + uuidFile(), aci.toString());
    awaitReady();
    assertThat(rkt.run("status", "--check-networks", uuid()).exit()).isZero();
    up.answers("CHECK", "{\"code\":102,\"msg\":\"route is gone\"}", 1);
    assertThat(rkt.run("status", "--check-networks", uuid()).exited(254).err())
        .contains("network u: up: route is gone");
    rkt.run("gc").ok();
    pod.signal("TERM");
    pod.await();
    assertThat(up.verbs()).containsExactly("ADD", "CHECK", "CHECK", "GC", "DEL");
    assertThat(up.stdin(1)).isEqualTo(up.stdin(4)).contains("\"prevResult\":" + result);
    assertThat(up.environment(1)).contains("CNI_COMMAND=CHECK", "CNI_IFNAME=eth0");
    assertThat(up.stdin(3))
        .contains(
            "\"cni.dev/valid-attachments\":[{\"containerID\":\""
                + uuid()
                + "\",\"ifname\":\"eth0\"}]");
    assertThat(up.environment(3)).hasSize(2).contains("CNI_COMMAND=GC");
  }

  /** The specification: GC lists all that is in use; another data directory's pods are, too. */
  @Test
  void garbageCollectionSparesPodsOfAnotherDataDirectory() throws Exception {
    String list = "{\"cniVersion\":\"1.1.0\",\"name\":\"%s\",\"plugins\":[{\"type\":\"%s\"}]}";
    Path aci = Images.script(rkt, "app", "sleep 100");
    Rkt.Running pod = rkt.startInsecure("run", "--uuid-file-save=" + uuidFile(), aci.toString());
    awaitReady();
    try (Rkt other = new Rkt()) {
      RecordingPlugin plugin = new RecordingPlugin(other, "up");
      Path dir = other.config().resolve("net.d");
      Files.writeString(dir.resolve("10-a.conflist"), list.formatted("a", "nowhere"));
      Files.writeString(dir.resolve("20-b.conflist"), list.formatted("b", "up"));
      Rkt.Result gc = other.run("gc").ok();
      assertThat(gc.err())
          .contains("error collecting garbage of network \"a\"")
          .contains("Could not find plugin \"nowhere\"");
      assertThat(plugin.verbs()).containsExactly("GC");
      assertThat(plugin.stdin(0))
          .contains("{\"containerID\":\"" + uuid() + "\",\"ifname\":\"eth0\"}");
    }
    pod.signal("TERM");
    pod.await();
    host.assertAsBefore();
  }

  /** A plugin that never stops talking fills no disk and no memory. */
  @Test
  void endlessOutputIsCutOff() throws IOException {
    conf("10-e.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"e\",\"type\":\"endless\"}");
    RecordingPlugin endless = new RecordingPlugin(rkt, "endless").does("ADD", "exec yes");
    assertThat(sh("echo started", "--net=e").exited(254).err())
        .contains("error adding network \"e\"")
        .contains("net.d/endless: it wrote more than 1 MiB and was killed");
    assertThat(endless.verbs()).containsExactly("ADD", "DEL");
    endless.does("ADD", "").answers("ADD", "{\"cniVersion\":\"1.0.0\"}", 0);
    endless.does("DEL", "exec yes");
    assertThat(sh("echo started", "--net=e").ok().err())
        .contains("teardown of e: endless: it wrote too much and was killed");
    endless.does("DEL", "");
    rkt.run("gc").ok();
    assertThat(endless.verbs()).containsExactly("ADD", "DEL", "ADD", "DEL", "DEL");
    host.assertAsBefore();
  }

  /** As if it were not there, networks would be others than its author thinks. */
  @Test
  void configurationThatLeadsNowhereIsNamed() throws IOException {
    Path link = rkt.config().resolve("net.d/10-x.conf");
    Files.createSymbolicLink(link, Path.of("nowhere.conf"));
    assertThat(sh("true", "--net=default").exited(254).err())
        .contains("error loading network definitions")
        .contains(link + ": No such file or directory");
  }

  /** On a host without nft the plugins masquerade and forward, with iptables. */
  @Test
  void withoutNftPluginsDoItAll() throws Exception {
    host.echoAddress(7005);
    Rkt.exec("mount", "--bind", "/dev/null", "/usr/sbin/nft").ok();
    try {
      Rkt.Result result = sh("nc " + HostNet.WORLD + " 7005", "--port=http:8086");
      assertThat(result.ok().out()).contains("::ffff:" + HostNet.HOST);
      assertThat(Rkt.exec("iptables-save").out())
          .contains("CNI-HOSTPORT-DNAT")
          .doesNotContain("8086")
          .doesNotContain(uuid());
    } finally {
      Rkt.exec("umount", "/usr/sbin/nft").ok();
      Rkt.exec("nft", "flush", "ruleset").ok();
    }
  }

  /** Many at once, half of them killed. */
  @Test
  void aCrowdLeavesNothing() throws Exception {
    Path aci = Images.script(rkt, "app", "sleep 1000", "--port=http:tcp:80");
    rkt.insecure("fetch", aci.toString()).ok();
    List<Rkt.Running> pods = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      pods.add(rkt.startInsecure("run", "--port=http:" + (9100 + i), "example.com/app:1.0.0"));
    }
    Rkt.waitFor(
        "all pods",
        () ->
            rkt.run("list", "--no-legend")
                    .out()
                    .lines()
                    .filter(l -> l.contains("running") && l.contains("ip4=172."))
                    .count()
                == 10);
    assertThat(HostNet.snapshot().lines().filter(l -> l.contains("dnat ip to"))).hasSize(10);
    for (int i = 0; i < pods.size(); i++) {
      pods.get(i).signal(i % 2 == 0 ? "KILL" : "TERM");
    }
    for (Rkt.Running pod : pods) {
      pod.await();
    }
    rkt.run("gc").ok();
    host.assertAsBefore();
  }
}
