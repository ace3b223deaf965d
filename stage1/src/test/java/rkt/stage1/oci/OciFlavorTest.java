package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.EventHandler;
import rkt.schema.appc.Isolator;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.stage1.BindMount;
import rkt.stage1.IdRange;
import rkt.stage1.Isolation;
import rkt.stage1.LaunchPlan;
import rkt.stage1.MappedMounts;
import rkt.stage1.NetMode;
import rkt.stage1.PlannedFile;
import rkt.stage1.PlannedMount;
import rkt.stage1.RootfsStep;
import rkt.stage1.SelinuxLabels;

class OciFlavorTest {
  private static final RuntimeChoice CRUN = new RuntimeChoice(Path.of("/usr/bin/crun"), "crun");
  private static final RuntimeChoice RUNC = new RuntimeChoice(Path.of("/usr/sbin/runc"), "runc");

  @TempDir Path temp;
  private Pods pods;

  @BeforeEach
  void makePod() {
    pods = new Pods(temp.resolve("pod"));
  }

  private LaunchPlan plan(RuntimeChoice runtime, CgroupTree cgroups) throws EngineException {
    return new OciFlavor(Kernel.linux(), Path.of("/lib/rkt-supervisor"), runtime, cgroups)
        .plan(pods.spec());
  }

  private LaunchPlan plan() throws EngineException {
    return plan(CRUN, Pods.v1());
  }

  private static String content(LaunchPlan plan, String suffix) {
    for (PlannedFile file : plan.files()) {
      if (file.path().toString().endsWith(suffix)) {
        return new String(file.bytes(), StandardCharsets.UTF_8);
      }
    }
    throw new AssertionError("no file " + suffix + " in\n" + plan.print());
  }

  private static JsonObject config(LaunchPlan plan, String app) {
    return Json.parseObject(content(plan, app + "/config.json"), "config.json");
  }

  private static List<String> namespaces(JsonObject config) {
    List<String> namespaces = new ArrayList<>();
    for (JsonObject namespace : config.object("linux").objects("namespaces")) {
      namespaces.add(namespace.string("type") + ":" + namespace.string("path", ""));
    }
    return namespaces;
  }

  private static List<String> destinations(JsonObject config) {
    List<String> destinations = new ArrayList<>();
    for (JsonObject mount : config.objects("mounts")) {
      destinations.add(mount.string("destination"));
    }
    return destinations;
  }

  private static List<Isolator> isolators(String json) {
    String app = "{\"exec\":[\"/app\"],\"user\":\"0\",\"group\":\"0\",\"isolators\":" + json + "}";
    return App.parse(app.getBytes(StandardCharsets.UTF_8)).isolators();
  }

  @Test
  void rootKeepsTheDefaultCapabilitiesAndNothingMore() throws Exception {
    JsonObject process = config(plan("hello"), "hello").object("process");
    JsonObject capabilities = process.object("capabilities");
    assertThat(capabilities.strings("bounding")).hasSize(14).isEqualTo(Capabilities.DEFAULT);
    assertThat(capabilities.strings("effective")).isEqualTo(Capabilities.DEFAULT);
    assertThat(capabilities.has("inheritable")).isFalse();
    assertThat(capabilities.has("ambient")).isFalse();
    assertThat(process.bool("noNewPrivileges")).isFalse();
    assertThat(process.has("rlimits")).isFalse();
    assertThat(process.object("user").ints("additionalGids")).containsExactly(0, 7, 8);
  }

  private LaunchPlan plan(String app) throws EngineException, IOException {
    pods.app(app, "/app");
    return plan();
  }

  @Test
  void othersKeepABoundingSetAndGainNothing() throws Exception {
    pods.user = "9000";
    JsonObject process = config(plan("hello"), "hello").object("process");
    JsonObject capabilities = process.object("capabilities");
    assertThat(capabilities.strings("bounding")).isEqualTo(Capabilities.DEFAULT);
    assertThat(capabilities.strings("effective")).isEmpty();
    assertThat(capabilities.strings("permitted")).isEmpty();
    assertThat(process.bool("noNewPrivileges")).isTrue();
  }

  @Test
  void withoutAFilterOthersMayGainPrivileges() throws Exception {
    pods.user = "9000";
    pods.disabled = Set.of(Isolation.SECCOMP);
    JsonObject config = config(plan("hello"), "hello");
    assertThat(config.object("process").bool("noNewPrivileges")).isFalse();
    assertThat(config.object("linux").has("seccomp")).isFalse();
    assertThat(config.has("annotations")).isFalse();
  }

  @Test
  void joinsTheSandboxAndHasItsOwnMountsAndCgroup() throws Exception {
    pods.net = NetMode.NONE;
    LaunchPlan plan = plan("hello");
    String ns = pods.dir + "/ns/";
    assertThat(namespaces(config(plan, "hello")))
        .containsExactly(
            "mount:",
            "cgroup:",
            "pid:" + ns + "pid",
            "uts:" + ns + "uts",
            "ipc:" + ns + "ipc",
            "network:" + ns + "net");
    assertThat(config(plan, "hello").object("linux").string("cgroupsPath"))
        .isEqualTo("/rkt-" + Pods.UUID.value() + "/hello");
    assertThat(content(plan, "/ns/net")).isEmpty();
  }

  /** What root of the namespace mounts is at a place that it may enter, its owners mapped. */
  @Test
  void aUserNamespaceIsJoinedAndItsSourcesAreMapped() throws Exception {
    pods.users = Optional.of(IdRange.numbered(3));
    pods.mounts = List.of(new BindMount(pods.dir, "/v", true, false));
    LaunchPlan plan = plan("hello");
    JsonObject config = config(plan, "hello");
    assertThat(namespaces(config)).contains("user:" + pods.dir + "/ns/user");
    for (String name : List.of("uidMappings", "gidMappings")) {
      JsonObject mapping = config.object("linux").objects(name).getFirst();
      assertThat(mapping.integer("containerID")).isZero();
      assertThat(mapping.integer("hostID")).isEqualTo(196608);
      assertThat(mapping.integer("size")).isEqualTo(65536);
    }
    assertThat(config.object("root").string("path")).isEqualTo("/run/rkt/pod/roots/hello");
    MappedMounts mapped = plan.mapped().orElseThrow();
    assertThat(mapped.roots())
        .containsExactly(
            new MappedMounts.Root(
                "hello", pods.root("hello"), Path.of("/run/rkt/pod/roots/hello"), List.of()));
    for (JsonObject mount : config.objects("mounts")) {
      if (mount.string("type").equals("bind")) {
        assertThat(mount.string("source")).startsWith("/run/rkt/pod/");
      }
    }
    // The host's network namespace is not the pod's to mount a sysfs for.
    assertThat(mapped.mounts()).extracting(PlannedMount::source).containsExactly("sysfs");
    assertThat(mapped.binds()).anyMatch(bind -> bind.source().equals(pods.dir) && bind.readOnly());
    assertThat(content(plan, "/launch"))
        .contains("first-id=196608\0ids=65536\0", "empty=/run/rkt/pod/empty\0")
        .contains("null=/run/rkt/pod/null\0");
  }

  @Test
  void withoutOneNothingIsMapped() throws Exception {
    LaunchPlan plan = plan("hello");
    assertThat(plan.mapped()).isEmpty();
    assertThat(config(plan, "hello").object("linux").has("uidMappings")).isFalse();
    assertThat(content(plan, "/launch")).doesNotContain("ids=", "/run/rkt/pod");
  }

  @Test
  void usersOutsideOfTheNamespaceAreRefused() throws Exception {
    pods.users = Optional.of(IdRange.numbered(3));
    pods.user = "65536";
    assertThatThrownBy(() -> plan("hello"))
        .hasMessageContaining("its user 65536 is not in the pod's user namespace")
        .hasMessageContaining("has the IDs 0 to 65535");
  }

  @Test
  void hostNetworkAndIpcAreLeftAlone() throws Exception {
    pods.hostIpc = true;
    LaunchPlan plan = plan("hello");
    assertThat(namespaces(config(plan, "hello")))
        .noneMatch(n -> n.startsWith("ipc") || n.startsWith("network"));
    assertThat(content(plan, "/launch")).contains("ipc=host\0").contains("net=host\0");
    assertThat(content(plan, "hello/config.json")).contains("\"source\":\"/dev/shm\"");
  }

  @Test
  void severalAppsShareMemory() throws Exception {
    pods.app("one", "/app").app("two", "/app");
    LaunchPlan plan = plan();
    String shm = pods.dir.resolve("shm").toString();
    assertThat(content(plan, "one/config.json")).contains("\"source\":\"" + shm + "\"");
    assertThat(content(plan, "two/config.json")).contains("\"source\":\"" + shm + "\"");
    assertThat(plan.mounts()).anyMatch(m -> m.target().toString().equals(shm));
  }

  @Test
  void protectsProcAndSysUnlessToldNotTo() throws Exception {
    JsonObject linux = config(plan("hello"), "hello").object("linux");
    assertThat(linux.strings("maskedPaths"))
        .contains("/proc/kcore", "/proc/kallsyms", "/proc/config.gz", "/sys/firmware");
    assertThat(linux.strings("readonlyPaths")).contains("/proc/sysrq-trigger", "/proc/sys");
    JsonObject device = linux.object("resources").objects("devices").get(0);
    assertThat(device.bool("allow")).isFalse();

    pods = new Pods(temp.resolve("insecure"));
    pods.disabled = Set.of(Isolation.PATHS);
    linux = config(plan("hello"), "hello").object("linux");
    assertThat(linux.has("maskedPaths")).isFalse();
    assertThat(linux.has("readonlyPaths")).isFalse();
    assertThat(linux.object("resources").objects("devices").get(0).bool("allow")).isTrue();
    assertThat(linux.has("seccomp")).isTrue();
  }

  @Test
  void crunGetsTheCompiledFilterAndBothGetTheSection() throws Exception {
    JsonObject crun = config(plan("hello"), "hello");
    assertThat(crun.object("annotations").has("run.oci.seccomp_bpf_data")).isTrue();
    assertThat(crun.object("linux").object("seccomp").string("defaultAction"))
        .isEqualTo("SCMP_ACT_ERRNO");
    LaunchPlan runc = plan(RUNC, Pods.v2());
    assertThat(config(runc, "hello").has("annotations")).isFalse();
    assertThat(config(runc, "hello").object("linux").has("seccomp")).isTrue();
    assertThat(content(runc, "/launch")).contains("runtime=/usr/sbin/runc\0");
    assertThat(runc.mounts()).isEmpty();
  }

  @Test
  void crunRunsFromAReadOnlyMount() throws Exception {
    LaunchPlan plan = plan("hello");
    assertThat(content(plan, "/launch")).contains("runtime=" + pods.dir + "/crun\0");
    assertThat(plan.mounts()).hasSize(2);
    assertThat(plan.mounts().get(1).flags() & rkt.os.Consts.MS_RDONLY).isNotZero();
  }

  @Test
  void isolatorsBecomeResources() throws Exception {
    pods.isolators =
        isolators(
            """
            [{"name":"resource/memory","value":{"limit":"25Mi"}},
             {"name":"resource/cpu","value":{"limit":"800m"}},
             {"name":"os/linux/cpu-shares","value":512},
             {"name":"os/linux/oom-score-adj","value":500},
             {"name":"os/linux/no-new-privileges","value":true},
             {"name":"resource/block-iops","value":{"default":true,"limit":"5"}},
             {"name":"os/linux/capabilities-remove-set","value":{"set":["CAP_MKNOD"]}}]
            """);
    LaunchPlan plan = plan("hello");
    JsonObject config = config(plan, "hello");
    JsonObject resources = config.object("linux").object("resources");
    assertThat(resources.object("memory").integer("limit")).isEqualTo(25L << 20);
    assertThat(resources.object("cpu").integer("quota")).isEqualTo(80_000);
    assertThat(resources.object("cpu").integer("period")).isEqualTo(100_000);
    assertThat(resources.object("cpu").integer("shares")).isEqualTo(512);
    assertThat(config.object("process").integer("oomScoreAdj")).isEqualTo(500);
    assertThat(config.object("process").bool("noNewPrivileges")).isTrue();
    assertThat(config.object("process").object("capabilities").strings("bounding"))
        .hasSize(13)
        .doesNotContain("CAP_MKNOD");
    assertThat(plan.warnings())
        .containsExactly(
            "warning: resource/block-iops isolator set but support disabled in the kernel,"
                + " skipping");
  }

  @Test
  void aMissingControllerIsSaidAloud() throws Exception {
    pods.isolators = isolators("[{\"name\":\"resource/memory\",\"value\":{\"limit\":\"25Mi\"}}]");
    pods.app("hello", "/app");
    CgroupTree none =
        new CgroupTree(
            true, false, List.of(new CgroupTree.Mount(Path.of("/sys/fs/cgroup"), List.of())), "");
    LaunchPlan plan = plan(CRUN, none);
    assertThat(plan.warnings())
        .containsExactly(
            "warning: resource/memory isolator set but support disabled in the kernel, skipping");
    assertThat(content(plan, "config.json")).doesNotContain("\"limit\"");
  }

  /** Isolators come with the image; what they lift is granted, but not in silence. */
  @Test
  void anImageThatAsksForMoreIsSaidAloud() throws Exception {
    pods.isolators =
        isolators(
            """
            [{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_KILL","CAP_SYS_PTRACE"]}},
             {"name":"os/linux/seccomp-retain-set","value":{"set":["@appc.io/all"]}}]
            """);
    assertThat(plan("hello").warnings())
        .containsExactly(
            "warning: isolators of app \"hello\" give it more than the default capabilities:"
                + " [CAP_SYS_PTRACE]",
            "warning: isolators of app \"hello\" switch its system call filter off");
    pods = new Pods(temp.resolve("asked"));
    pods.disabled = Set.of(Isolation.CAPABILITIES, Isolation.SECCOMP);
    assertThat(plan("hello").warnings()).isEmpty();
  }

  @Test
  void contradictionsAreRefused() throws Exception {
    pods.isolators =
        isolators(
            """
            [{"name":"os/linux/capabilities-remove-set","value":{"set":["CAP_MKNOD"]}},
             {"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_MKNOD"]}}]
            """);
    assertThatThrownBy(() -> plan("hello")).hasMessageContaining("exclude each other");
    pods = new Pods(temp.resolve("unknown"));
    pods.isolators =
        isolators(
            "[{\"name\":\"os/linux/capabilities-retain-set\",\"value\":{\"set\":[\"CAP_GOD\"]}}]");
    assertThatThrownBy(() -> plan("hello")).hasMessageContaining("unknown capability \"CAP_GOD\"");
  }

  @Test
  void environmentHasDefaultsAndTheAppsName() throws Exception {
    pods.environment = List.of(new EnvVar("PATH", "/opt"), new EnvVar("USER", "me"));
    LaunchPlan plan = plan("hello");
    assertThat(config(plan, "hello").object("process").strings("env"))
        .containsExactly(
            "PATH=/opt",
            "USER=me",
            "SHELL=/bin/sh",
            "LOGNAME=root",
            "HOME=/root",
            "AC_APP_NAME=hello");
    assertThat(content(plan, "rkt/env/hello")).startsWith("PATH=/opt\nUSER=me\n");
  }

  @Test
  void hostnameAndHostsComeFromThePod() throws Exception {
    LaunchPlan plan = plan("hello");
    assertThat(content(plan, "/etc/hostname")).isEqualTo("rkt-" + Pods.UUID.value() + "\n");
    assertThat(content(plan, "/etc/hosts-fallback"))
        .startsWith(
            "127.0.0.1 localhost localhost.domain localhost4 localhost4.localdomain4 rkt-"
                + Pods.UUID.value()
                + "\n");
    assertThat(destinations(config(plan, "hello"))).contains("/etc/hosts", "/etc/hostname");
    assertThat(plan.rootfs().get(pods.root("hello")))
        .contains(
            new RootfsStep.Directory("/tmp", 01777), new RootfsStep.MountTarget("/etc/hosts"));
  }

  @Test
  void theImagesOwnFilesStay() throws Exception {
    pods.app("hello", "/app");
    Path etc = Files.createDirectories(pods.root("hello").resolve("etc"));
    Files.writeString(etc.resolve("hosts"), "");
    LaunchPlan plan = plan();
    assertThat(destinations(config(plan, "hello"))).doesNotContain("/etc/hosts");
    assertThat(plan.rootfs().get(pods.root("hello")))
        .contains(new RootfsStep.Link("/etc/mtab", "../proc/self/mounts"));
  }

  @Test
  void volumesCoverWhatTheFlavorWouldMount() throws Exception {
    pods.mounts =
        List.of(
            new BindMount(temp, "/sys", true, false),
            new BindMount(Path.of("/dev/null"), "/dev/thing", true, false));
    JsonObject config = config(plan("hello"), "hello");
    assertThat(destinations(config)).doesNotContain("/sys/fs").endsWith("/sys", "/dev/thing");
    assertThat(config.object("linux").strings("maskedPaths")).noneMatch(p -> p.startsWith("/sys"));
    JsonObject rule = config.object("linux").object("resources").objects("devices").get(1);
    assertThat(rule.string("access")).isEqualTo("r");
    assertThat(rule.integer("minor")).isEqualTo(3);
  }

  /** CVE-2019-16884, CVE-2025-52881: an image's volume must not stand in for /proc. */
  @Test
  void nothingIsMountedOverProcOrTheRoot() throws Exception {
    Path root = Files.createDirectories(pods.root("hello"));
    Files.createSymbolicLink(root.resolve("data"), Path.of("../proc"));
    Files.createDirectories(root.resolve("deep"));
    Files.createSymbolicLink(root.resolve("deep/up"), Path.of("/data/../proc"));
    for (String target : List.of("/", "/proc", "/proc/sys", "/data", "/data/self", "/deep/up/1")) {
      pods.mounts = List.of(new BindMount(temp, target, false, true));
      pods.apps.clear();
      assertThatThrownBy(() -> plan("hello"))
          .hasMessageContaining("mount point \"" + target + "\" leads to ");
    }
    for (String target : List.of("/process", "/deep/proc", "/deep")) {
      pods.mounts = List.of(new BindMount(temp, target, false, true));
      pods.apps.clear();
      assertThat(destinations(config(plan("hello"), "hello"))).contains(target);
    }
  }

  /** CVE-2025-31133, CVE-2025-52565: runtimes use what they find there, whatever the image says. */
  @Test
  void nothingIsMountedOverTheDevicesOfRuntimes() throws Exception {
    Path root = Files.createDirectories(pods.root("hello"));
    Files.createDirectories(root.resolve("dev"));
    Files.createDirectories(root.resolve("proc"));
    Files.createSymbolicLink(root.resolve("linked"), Path.of("/dev"));
    Files.createSymbolicLink(root.resolve("sly"), Path.of("/dev/null"));
    // Other file systems cover these: what they lead to must not count.
    for (String each : List.of("dev/null", "dev/pts", "proc/self")) {
      Files.createSymbolicLink(root.resolve(each), Path.of("/harmless"));
    }
    for (String target :
        List.of(
            "/dev",
            "/dev/",
            "/dev/null",
            "/dev/console",
            "/dev/ptmx",
            "/dev/pts/0",
            "/dev/fd/3",
            "/dev/tty",
            "/x/../dev/./null",
            "/linked",
            "/linked/null",
            "/sly",
            "/proc/self")) {
      pods.mounts = List.of(new BindMount(temp, target, false, true));
      pods.apps.clear();
      assertThatThrownBy(() -> plan("hello"))
          .hasMessageContaining("mount point \"" + target + "\" leads to ");
    }
    for (String target : List.of("/dev/shm", "/dev/mine", "/linked/mine", "/dev/nullify")) {
      pods.mounts = List.of(new BindMount(temp, target, false, true));
      pods.apps.clear();
      assertThat(destinations(config(plan("hello"), "hello"))).contains(target);
    }
    Files.move(root.resolve("dev"), root.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("dev"), Path.of("elsewhere"));
    pods.apps.clear();
    assertThatThrownBy(() -> plan("hello"))
        .hasMessageContaining("link to /elsewhere in the place of /dev");
  }

  @Test
  void whatCannotStartIsSaidBeforehand() throws Exception {
    assertThatThrownBy(() -> plan("hello", "/nope"))
        .hasMessageContaining("Error: Unable to open \"/nope\": No such file or directory");
    pods = new Pods(temp.resolve("empty"));
    assertThatThrownBy(() -> plan("hello", new String[0]))
        .hasMessageContaining(
            "image \"example.com/app\" has an empty \"exec\" (try --exec=BINARY)");
  }

  private LaunchPlan plan(String app, String... exec) throws EngineException, IOException {
    pods.app(app, exec);
    return plan();
  }

  @Test
  void readOnlyRootAndTerminal() throws Exception {
    pods.readOnly = true;
    pods.interactive = true;
    LaunchPlan plan = plan("hello");
    JsonObject config = config(plan, "hello");
    assertThat(config.object("root").bool("readonly")).isTrue();
    assertThat(config.object("process").bool("terminal")).isTrue();
    assertThat(config.object("process").strings("env")).contains("TERM=xterm");
    assertThat(content(plan, "/launch")).contains("terminal=1\0stdin=inherit\0");
  }

  @Test
  void launchFileListsWhatMustGo() throws Exception {
    pods.app("hello", "/app");
    String uuid = Pods.UUID.value();
    String v1 = content(plan(), "/launch");
    assertThat(v1)
        .startsWith("version=1\0uuid=" + uuid + "\0lockfd=9\0")
        .contains("cgroup=/sys/fs/cgroup/memory/rkt-" + uuid + "/hello\0")
        .contains("cgroup=/sys/fs/cgroup/memory/rkt-" + uuid + "\0")
        .contains("state=/run/rkt/oci/" + uuid + "-hello\0")
        .contains("oom=/sys/fs/cgroup/memory/rkt-" + uuid + "/hello/memory.oom_control\0")
        .contains("\0oom-note=it has no memory limit; the machine, or a cgroup above it, ran out\0")
        .contains("stdin=null\0");
    assertThat(content(plan(CRUN, Pods.v2()), "/launch"))
        .contains("cgroup=/sys/fs/cgroup/machine.slice/rkt-" + uuid + "/hello\0")
        .doesNotContain("subtree-control")
        .contains("memory.events\0");
  }

  /** Else a unit with Delegate=yes and a pod in ExecStartPre= cannot start its main process. */
  @Test
  void launchFileNamesTheControllersOfTheCgroupWeLeft() throws Exception {
    pods.app("hello", "/app");
    var mounts = Pods.v2().mounts();
    var delegated =
        new CgroupTree(
            true,
            false,
            mounts,
            "/system.slice/x.service",
            Optional.of("/system.slice/x.service"),
            List.of());
    assertThat(content(plan(CRUN, delegated), "/launch"))
        .contains("subtree-control=/sys/fs/cgroup/system.slice/x.service/cgroup.subtree_control\0");
  }

  /** ADR 0016: handlers are containers of their own that differ in command and user only. */
  @Test
  void eventHandlersGetBundlesOfTheirOwn() throws Exception {
    pods.user = "9000";
    pods.handlers = List.of(new EventHandler("pre-start", List.of("/app", "before")));
    LaunchPlan plan = plan("hello");
    JsonObject process = config(plan, "hello/pre-start").object("process");
    assertThat(process.strings("args")).containsExactly("/app", "before");
    assertThat(process.object("user").integer("uid")).isZero();
    assertThat(process.object("user").ints("additionalGids")).containsExactly(0);
    assertThat(process.object("capabilities").strings("effective")).isEqualTo(Capabilities.DEFAULT);
    assertThat(process.bool("noNewPrivileges")).isTrue();
    assertThat(plan.directories()).anyMatch(path -> path.endsWith("hello/pre-start"));
    String dir = pods.dir + "/stage1/rootfs/opt/stage2/hello";
    assertThat(content(plan, "/launch"))
        .contains("\0state=/run/rkt/oci/" + Pods.UUID.value() + "-hello.pre-start\0")
        .contains("\0pre-start=" + dir + "/pre-start\0")
        .contains("\0procs=/sys/fs/cgroup/cpu/rkt-" + Pods.UUID.value() + "/hello/cgroup.procs\0")
        .doesNotContain("post-stop");
    assertThat(content(plan, "hello/config.json")).contains("\"source\":\"" + pods.dir + "/shm\"");
  }

  @Test
  void labelsReachTheBundleAndTheClaimGoesWithThePod() throws Exception {
    pods.selinux =
        Optional.of(
            new SelinuxLabels("u:r:p:s0:c1,c2", "u:o:f:s0:c1,c2", Path.of("/run/rkt/mcs/c1,c2")));
    LaunchPlan plan = plan("hello");
    JsonObject config = config(plan, "hello");
    assertThat(config.object("process").string("selinuxLabel")).isEqualTo("u:r:p:s0:c1,c2");
    assertThat(config.object("linux").string("mountLabel")).isEqualTo("u:o:f:s0:c1,c2");
    assertThat(content(plan, "/launch")).contains("\0state=/run/rkt/mcs/c1,c2\0");
  }

  @Test
  void anAppWithoutHandlersHasNoneOfIt() throws Exception {
    assertThat(content(plan("hello"), "/launch"))
        .doesNotContain("procs=", "pre-start", "post-stop");
  }

  @Test
  void leftoversAreWhatTheLaunchFileNames() {
    var flavor = new OciFlavor(Kernel.linux(), Path.of("/s"), CRUN, Pods.v2());
    var leftovers = flavor.leftovers(Pods.UUID, List.of("hello"));
    String pod = "/sys/fs/cgroup/machine.slice/rkt-" + Pods.UUID.value();
    assertThat(leftovers.cgroups()).containsExactly(Path.of(pod + "/hello"), Path.of(pod));
    assertThat(leftovers.states())
        .containsExactly(
            Path.of("/run/rkt/oci/" + Pods.UUID.value() + "-hello"),
            Path.of("/run/rkt/oci/" + Pods.UUID.value() + "-hello.pre-start"),
            Path.of("/run/rkt/oci/" + Pods.UUID.value() + "-hello.post-stop"));
  }
}
