package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.os.WindowSize;
import rkt.schema.json.JsonWriter;
import rkt.stage1.BindMount;
import rkt.stage1.IdRange;
import rkt.stage1.Isolation;
import rkt.stage1.NetMode;
import rkt.stage1.PodSpec;

/** Writes an app's {@code config.json}, OCI runtime specification 1.0.2. */
final class BundleConfig {
  /** crun takes a ready-made filter here and then skips the section that it would compile. */
  private static final String BPF_ANNOTATION = "run.oci.seccomp_bpf_data";

  private final Kernel kernel;
  private final PodSpec pod;
  private final PodPaths paths;
  private final CgroupTree cgroups;
  private final RuntimeChoice runtime;
  private final PodLimits limits;
  private final MappedSources sources;
  private final JsonWriter json = JsonWriter.compact();

  BundleConfig(
      Kernel kernel,
      PodSpec pod,
      CgroupTree cgroups,
      RuntimeChoice runtime,
      PodLimits limits,
      MappedSources sources) {
    this.kernel = kernel;
    this.pod = pod;
    this.paths = new PodPaths(pod.podDir());
    this.cgroups = cgroups;
    this.runtime = runtime;
    this.limits = limits;
    this.sources = sources;
  }

  /** The whole document. */
  String write(AppPlan app) {
    Optional<WindowSize> terminal =
        pod.interactive() && pod.terminal()
            ? Optional.of(ConsoleSize.ofCaller(kernel))
            : Optional.empty();
    List<Integer> groups = app.spec().app().supplementaryGids();
    Process process = new Process(app.user().uid(), app.user().gid(), groups, terminal);
    return write(app, process, app.args(), app.service());
  }

  /** The document of an event handler: the app's in everything but the command and the user. */
  String write(AppPlan app, HandlerPlan handler) {
    Process process = new Process(0, 0, List.of(), Optional.empty());
    return write(app, process, handler.args(), Optional.empty());
  }

  private String write(
      AppPlan app, Process process, List<String> args, Optional<ServiceParts> service) {
    List<String> environment = app.environment().strings();
    List<String> command = args;
    if (service.isPresent()) {
      environment = service.get().environment(app.environment());
      command = service.get().args(args);
    }
    json.beginObject().name("ociVersion").value("1.0.2");
    json.name("process").beginObject();
    process.write(json, app, command, app.workingDirectory(), environment);
    limits(app);
    json.endObject();
    Path root = sources.root(app.spec());
    json.name("root").beginObject().name("path").value(root.toString());
    json.name("readonly").value(app.spec().runtime().readOnlyRootFs()).endObject();
    // No hostname: the UTS namespace is the pod's and has its name already.
    json.name("mounts").beginArray();
    mounts(app, service);
    json.endArray();
    if (runtime.isCrun() && app.seccomp().isPresent() && app.seccomp().get().bpf().isPresent()) {
      json.name("annotations").beginObject();
      json.name(BPF_ANNOTATION).value(app.seccomp().get().bpf().get()).endObject();
    }
    json.name("linux").beginObject();
    linux(app);
    json.endObject().endObject();
    return json.toString();
  }

  /**
   * The process section, shared with {@code enter}.
   *
   * @param terminal the size of its terminal, if it gets one
   */
  record Process(long uid, long gid, List<Integer> groups, Optional<WindowSize> terminal) {
    Process {
      groups = List.copyOf(groups);
    }

    void write(
        JsonWriter json,
        AppPlan app,
        List<String> args,
        String workingDirectory,
        List<String> environment) {
      json.name("terminal").value(terminal.isPresent());
      if (terminal.isPresent()) {
        ConsoleSize.write(json, terminal.get());
      }
      json.name("user").beginObject().name("uid").value(uid).name("gid").value(gid);
      groups(json, gid, groups);
      json.endObject();
      json.name("args").strings(args).name("env").strings(environment);
      json.name("cwd").value(workingDirectory);
      capabilities(json, app.bounding(), uid == 0, app.ambient());
      json.name("noNewPrivileges").value(app.noNewPrivileges());
      if (app.modules().selinux().isPresent()) {
        json.name("selinuxLabel").value(app.modules().selinux().get());
      }
      if (app.modules().apparmor().isPresent()) {
        json.name("apparmorProfile").value(app.modules().apparmor().get());
      }
    }

    /**
     * The primary group is among the others, too: who gives it up by a set-group-ID program must
     * not come past permissions that are meant to keep its members out (CVE-2022-2989).
     */
    static void groups(JsonWriter json, long gid, List<Integer> others) {
      json.name("additionalGids").beginArray().value(gid);
      for (int other : others) {
        long group = Integer.toUnsignedLong(other);
        if (group != gid) {
          json.value(group);
        }
      }
      json.endArray();
    }

    /**
     * What a root process holds is never inheritable, so that it cannot reach programs of other
     * users through their files' inheritable sets (CVE-2022-24769).
     */
    static void capabilities(
        JsonWriter json, List<String> bounding, boolean root, List<String> ambient) {
      json.name("capabilities").beginObject().name("bounding").strings(bounding);
      List<String> held = root ? bounding : ambient;
      json.name("effective").strings(held).name("permitted").strings(held);
      if (!root && !ambient.isEmpty()) {
        json.name("inheritable").strings(ambient).name("ambient").strings(ambient);
      }
      json.endObject();
    }
  }

  private void limits(AppPlan app) {
    Optional<Integer> score = limits.oomScoreAdj(app);
    if (score.isPresent()) {
      json.name("oomScoreAdj").value(score.get());
    }
    ResourcesSection.rlimits(json, app.isolators().rlimits());
  }

  private void mounts(AppPlan app, Optional<ServiceParts> service) {
    MountList mounts = new MountList(json, sources);
    Path shm = Path.of("");
    if (pod.hostIpc()) {
      shm = Path.of("/dev/shm");
    } else if (OciFlavor.sharesMemory(pod)) {
      shm = paths.shm();
    }
    boolean protect = !pod.disabled().contains(Isolation.PATHS);
    mounts.system(shm, !hasVolumeIn(app, "/sys"), protect);
    if (!cgroups.unified() && !cgroups.mounts().isEmpty() && !hasVolumeIn(app, "/sys")) {
      mounts.closeCgroups();
    }
    for (ProvidedFile file : app.files()) {
      mounts.file(file.destination(), file.source(), file.readOnly());
    }
    if (service.isPresent()) {
      service.get().mounts(mounts);
    }
    mounts.volumes(app.spec().mounts());
  }

  private static boolean hasVolumeIn(AppPlan app, String directory) {
    for (BindMount mount : app.spec().mounts()) {
      if (mount.target().equals(directory) || mount.target().startsWith(directory + "/")) {
        return true;
      }
    }
    return false;
  }

  private static boolean showsHostSys(AppPlan app) {
    for (BindMount mount : app.spec().mounts()) {
      if (mount.target().equals("/sys")
          && Path.of(mount.origin()).normalize().toString().equals("/sys")) {
        return true;
      }
    }
    return false;
  }

  private void linux(AppPlan app) {
    namespaces();
    idMappings();
    for (BindMount mount : app.spec().mounts()) {
      if (mount.followsHost()) {
        // Runtimes make all mounts private otherwise; those of the other volumes are already.
        json.name("rootfsPropagation").value("rslave");
        break;
      }
    }
    if (pod.selinux().isPresent()) {
      json.name("mountLabel").value(pod.selinux().get().file());
    }
    json.name("cgroupsPath").value(cgroups.app(pod.uuid(), app.spec().name()));
    devices();
    json.name("resources").beginObject();
    resources(app);
    json.endObject();
    if (!limits.sysctls().isEmpty()) {
      // Each app writes the same to namespaces that all of them share.
      json.name("sysctl").stringMap(limits.sysctls());
    }
    if (!pod.disabled().contains(Isolation.PATHS)) {
      json.name("maskedPaths").beginArray();
      boolean hosts = showsHostSys(app);
      boolean sysfs = hosts || !hasVolumeIn(app, "/sys");
      for (String path : IsolationPaths.MASKED) {
        if (sysfs || !path.startsWith("/sys/")) {
          json.value(path);
        }
      }
      for (String path : hosts ? IsolationPaths.HOST_SYS_MASKED : List.<String>of()) {
        json.value(path);
      }
      json.endArray().name("readonlyPaths").beginArray();
      for (String path : IsolationPaths.READ_ONLY) {
        json.value(path);
      }
      for (String path : hosts ? IsolationPaths.HOST_SYS_READ_ONLY : List.<String>of()) {
        json.value(path);
      }
      json.endArray();
    }
    if (app.seccomp().isPresent()) {
      json.name("seccomp").raw(app.seccomp().get().json());
    }
  }

  private void namespaces() {
    json.name("namespaces").beginArray();
    namespace("mount", "");
    namespace("cgroup", "");
    if (pod.users().isPresent()) {
      namespace("user", paths.namespace("user").toString());
    }
    namespace("pid", paths.namespace("pid").toString());
    namespace("uts", paths.namespace("uts").toString());
    if (!pod.hostIpc()) {
      namespace("ipc", paths.namespace("ipc").toString());
    }
    if (pod.net() != NetMode.HOST) {
      namespace("network", paths.namespace("net").toString());
    }
    json.endArray();
  }

  /** Those of the namespace that is joined: runc before 1.2 does not start without them. */
  private void idMappings() {
    Optional<IdRange> users = pod.users();
    if (users.isEmpty()) {
      return;
    }
    for (String name : List.of("uidMappings", "gidMappings")) {
      json.name(name).beginArray().beginObject().name("containerID").value(0);
      json.name("hostID").value(users.get().first());
      json.name("size").value(users.get().count()).endObject().endArray();
    }
  }

  private void namespace(String type, String path) {
    json.beginObject().name("type").value(type);
    if (!path.isEmpty()) {
      json.name("path").value(path);
    }
    json.endObject();
  }

  /** Runtimes add null, zero, full, random, urandom and tty by themselves. */
  private void devices() {
    Stat tun = device("/dev/net/tun");
    if (tun != null && tun.isCharDevice()) {
      json.name("devices").beginArray().beginObject();
      json.name("path").value("/dev/net/tun").name("type").value("c");
      json.name("major").value(Stat.major(tun.rdev()));
      json.name("minor").value(Stat.minor(tun.rdev()));
      json.name("fileMode").value(tun.permissions());
      json.name("uid").value(0).name("gid").value(0).endObject().endArray();
    }
  }

  private void resources(AppPlan app) {
    json.name("devices").beginArray();
    boolean policy = !pod.disabled().contains(Isolation.PATHS);
    json.beginObject().name("allow").value(!policy).name("access").value("rwm").endObject();
    if (policy) {
      for (BindMount mount : app.spec().mounts()) {
        Stat stat = device(mount.source().toString());
        if (stat != null && (stat.isCharDevice() || stat.isBlockDevice())) {
          json.beginObject().name("allow").value(true);
          json.name("type").value(stat.isCharDevice() ? "c" : "b");
          json.name("major").value(Stat.major(stat.rdev()));
          json.name("minor").value(Stat.minor(stat.rdev()));
          json.name("access").value(mount.readOnly() ? "r" : "rw").endObject();
        }
      }
    }
    json.endArray();
    ResourcesSection.write(json, limits.forApp(app.isolators().resources(), cgroups), limits);
  }

  private @org.jspecify.annotations.Nullable Stat device(String path) {
    try {
      return kernel.fstatat(Consts.AT_FDCWD, path, 0);
    } catch (OsException _) {
      return null; // no such device on this host; a missing volume is the runtime's to report
    }
  }
}
