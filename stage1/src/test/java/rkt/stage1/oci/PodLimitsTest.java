package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.Rlimit;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.stage1.CgroupWrite;
import rkt.stage1.NetMode;

/** The isolators of a whole pod: what is written where, by cgroup version. */
class PodLimitsTest {
  private static final Resources NONE =
      new Resources(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final List<String> V1 = List.of("cpu", "memory", "pids", "blkio");
  private static final String EVERYTHING =
      """
      [{"name":"resource/memory","value":{"limit":"64Mi"}},
       {"name":"resource/cpu","value":{"limit":"1500m"}},
       {"name":"os/linux/cpu-shares","value":262144},
       {"name":"resource/pids","value":{"limit":"50"}},
       {"name":"resource/block-bandwidth","value":{"default":true,"limit":"10M"}},
       {"name":"resource/block-iops","value":{"default":true,"limit":"100"}}]
      """;

  @TempDir Path temp;
  private Pods pods;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void makePod() throws Exception {
    pods = new Pods(temp.resolve("pod")).app("a", "/app");
  }

  private PodLimits limits(String isolators, CgroupTree cgroups) throws EngineException {
    String manifest =
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"1.0.0\",\"apps\":[],\"isolators\":"
            + isolators
            + "}";
    pods.podIsolators = PodManifest.parse(manifest.getBytes(StandardCharsets.UTF_8)).isolators();
    return PodLimits.of(Kernel.linux(), pods.spec(), cgroups, warnings);
  }

  private static CgroupTree v1() {
    List<CgroupTree.Mount> mounts = new ArrayList<>();
    for (String name : V1) {
      mounts.add(new CgroupTree.Mount(Path.of("/sys/fs/cgroup/" + name), List.of(name)));
    }
    return new CgroupTree(false, false, mounts, "/batch");
  }

  private static CgroupTree v2(String base) {
    List<String> all = List.of("cpu", "memory", "pids", "io");
    return new CgroupTree(
        true, false, List.of(new CgroupTree.Mount(Path.of("/sys/fs/cgroup"), all)), base);
  }

  /** As if swap were counted, and one disk held the pod. */
  private static PodLimits sure(PodLimits limits) {
    return new PodLimits(
        limits.resources(),
        limits.sysctls(),
        limits.oomScoreAdj(),
        List.of(new BlockDevices.Device(254, 16)),
        true);
  }

  private List<String> writes(PodLimits limits, CgroupTree cgroups) {
    List<String> out = new ArrayList<>();
    for (CgroupWrite write : sure(limits).writes(pods.spec(), cgroups)) {
      out.add(write.file() + " " + write.value());
    }
    return out;
  }

  @Test
  void v2GetsControllersFromTheTopAndAllLimits() throws Exception {
    CgroupTree cgroups = v2("/batch/night");
    String pod = "/sys/fs/cgroup/batch/night/rkt-" + Pods.UUID;
    String controllers = "+memory +cpu +pids +io";
    assertThat(writes(limits(EVERYTHING, cgroups), cgroups))
        .containsExactly(
            "/sys/fs/cgroup/cgroup.subtree_control " + controllers,
            "/sys/fs/cgroup/batch/cgroup.subtree_control " + controllers,
            "/sys/fs/cgroup/batch/night/cgroup.subtree_control " + controllers,
            pod + "/memory.max 67108864",
            pod + "/memory.swap.max 0",
            pod + "/cpu.max 150000 100000",
            pod + "/cpu.weight 10000",
            pod + "/pids.max 50",
            pod + "/io.max 254:16 rbps=10000000 wbps=10000000 riops=100 wiops=100");
  }

  @Test
  void v2AtTheRoot() throws Exception {
    assertThat(
            writes(
                limits("[{\"name\":\"resource/pids\",\"value\":{\"limit\":\"9\"}}]", v2("")),
                v2("")))
        .containsExactly(
            "/sys/fs/cgroup/cgroup.subtree_control +pids",
            "/sys/fs/cgroup/rkt-" + Pods.UUID + "/pids.max 9");
  }

  @Test
  void v1HasAHierarchyForEachController() throws Exception {
    String pod = "/batch/rkt-" + Pods.UUID + "/";
    assertThat(writes(limits(EVERYTHING, v1()), v1()))
        .containsExactly(
            "/sys/fs/cgroup/memory" + pod + "memory.use_hierarchy 1",
            "/sys/fs/cgroup/memory" + pod + "memory.limit_in_bytes 67108864",
            "/sys/fs/cgroup/memory" + pod + "memory.memsw.limit_in_bytes 67108864",
            "/sys/fs/cgroup/cpu" + pod + "cpu.shares 262144",
            "/sys/fs/cgroup/cpu" + pod + "cpu.cfs_period_us 100000",
            "/sys/fs/cgroup/cpu" + pod + "cpu.cfs_quota_us 150000",
            "/sys/fs/cgroup/pids" + pod + "pids.max 50");
  }

  @Test
  void withV1AppsGetWhatTheirPodCannotEnforce() throws Exception {
    PodLimits limits = sure(limits(EVERYTHING, v1()));
    Resources app =
        new Resources(
            Optional.of(1L << 30),
            Optional.of(8000L),
            Optional.empty(),
            Optional.empty(),
            Optional.of(99_000_000L),
            Optional.of(5L));
    Resources effective = limits.forApp(app, v1());
    assertThat(effective.cpu()).as("a quota above the parent's is refused").contains(1500L);
    assertThat(effective.memory()).contains(1L << 30);
    assertThat(effective.blockBytes()).contains(10_000_000L);
    assertThat(effective.blockOperations()).contains(5L);
    assertThat(limits.forApp(NONE, v1()).cpu()).isEmpty();
    assertThat(limits.forApp(app, v2(""))).isEqualTo(app);
  }

  @Test
  void nothingAskedForNothingWritten() throws Exception {
    assertThat(writes(limits("[]", v2("")), v2(""))).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void missingControllersAndWhatHasNoEffectAreSaidAloud() throws Exception {
    String network =
        ",{\"name\":\"resource/network-bandwidth\",\"value\":{\"default\":true,\"limit\":\"1M\"}},"
            + "{\"name\":\"os/linux/no-new-privileges\",\"value\":true}]";
    limits(EVERYTHING.strip().substring(0, EVERYTHING.strip().length() - 1) + network, Pods.v1());
    assertThat(warnings)
        .containsExactly(
            "warning: resource/pids isolator set but support disabled in the kernel, skipping",
            "warning: resource/block-bandwidth isolator set but support disabled in the kernel,"
                + " skipping",
            "warning: resource/block-iops isolator set but support disabled in the kernel,"
                + " skipping",
            "warning: isolator resource/network-bandwidth of the pod is not enforced: it needs a"
                + " network of the pod's own, which this version does not shape",
            "warning: isolator os/linux/no-new-privileges is not supported for a whole pod and is"
                + " not enforced");
  }

  @ParameterizedTest
  @CsvSource({
    "kernel.panic, NONE, false, not a pod's own",
    "vm.swappiness, NONE, false, not a pod's own",
    "kernel/shmmax/../../vm/swappiness, NONE, false, is not a name",
    "kernel.hostname, NONE, false, --hostname",
    "net.core.somaxconn, HOST, false, shares its network",
    "kernel.sem, NONE, true, shares its IPC namespace",
    "fs.mqueue.msg_max, NONE, true, shares its IPC namespace"
  })
  void kernelParametersOfOthersAreRefused(String name, NetMode net, boolean hostIpc, String why) {
    pods.net = net;
    pods.hostIpc = hostIpc;
    String json = "[{\"name\":\"os/unix/sysctl\",\"value\":{\"" + name + "\":\"1\"}}]";
    assertThatThrownBy(() -> limits(json, v2("")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("\"" + name + "\"")
        .hasMessageContaining(why);
  }

  @Test
  void kernelParametersOfThePod() throws Exception {
    pods.net = NetMode.NONE;
    String json =
        "[{\"name\":\"os/unix/sysctl\",\"value\":{\"net/ipv4/conf/eth0.1/forwarding\":\"1\","
            + "\"kernel.sem\":\"250\\t32000\",\"kernel.domainname\":\"x\"}}]";
    assertThat(limits(json, v2("")).sysctls())
        .containsOnlyKeys("kernel.domainname", "kernel.sem", "net.ipv4.conf.eth0/1.forwarding");
  }

  @Test
  void limitsInConfigJson() {
    Resources app =
        new Resources(
            Optional.of(64L << 20),
            Optional.empty(),
            Optional.of(512),
            Optional.of(7L),
            Optional.of(1000L),
            Optional.empty());
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    ResourcesSection.write(json, app, sure(none()));
    ResourcesSection.rlimits(
        json,
        java.util.Map.of("nofile", new Rlimit(10, 20), "core", new Rlimit(0, Rlimit.UNLIMITED)));
    JsonObject section = Json.parseObject(json.endObject().toString(), "resources");
    assertThat(section.object("memory").integer("swap")).isEqualTo(64L << 20);
    assertThat(section.object("cpu").integer("shares")).isEqualTo(512);
    assertThat(section.object("pids").integer("limit")).isEqualTo(7);
    JsonObject disk = section.object("blockIO").objects("throttleWriteBpsDevice").getFirst();
    assertThat(disk.integer("major")).isEqualTo(254);
    assertThat(disk.integer("minor")).isEqualTo(16);
    assertThat(disk.integer("rate")).isEqualTo(1000);
    assertThat(section.object("blockIO").has("throttleReadIOPSDevice")).isFalse();
    assertThat(json.toString())
        .contains("{\"type\":\"RLIMIT_NOFILE\",\"soft\":10,\"hard\":20}")
        .contains("{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":18446744073709551615}");
  }

  private static PodLimits none() {
    return new PodLimits(NONE, java.util.Map.of(), Optional.empty(), List.of(), false);
  }

  @ParameterizedTest
  @CsvSource({"2,1", "1024,39", "262144,10000"})
  void sharesAreWeights(int shares, long weight) {
    assertThat(Resources.weight(shares)).isEqualTo(weight);
  }

  @Test
  void ownLimitsAreRead() {
    String limits =
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max open files            1024                 20000                files
        Max nice priority         0                    0
        """;
    assertThat(LimitChecks.hardLimit(limits, "Max open files")).isEqualTo(20_000);
    assertThat(LimitChecks.hardLimit(limits, "Max cpu time")).isEqualTo(Rlimit.UNLIMITED);
    assertThat(LimitChecks.hardLimit(limits, "Max nice priority")).isZero();
  }
}
