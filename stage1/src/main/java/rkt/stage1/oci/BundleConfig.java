package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
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
  private final MappedSources sources;
  private final JsonWriter json = JsonWriter.compact();

  BundleConfig(
      Kernel kernel,
      PodSpec pod,
      CgroupTree cgroups,
      RuntimeChoice runtime,
      MappedSources sources) {
    this.kernel = kernel;
    this.pod = pod;
    this.paths = new PodPaths(pod.podDir());
    this.cgroups = cgroups;
    this.runtime = runtime;
    this.sources = sources;
  }

  /** The whole document. */
  String write(AppPlan app) {
    json.beginObject().name("ociVersion").value("1.0.2");
    json.name("process").beginObject();
    boolean terminal = pod.interactive() && pod.terminal();
    Process process = new Process(app.user().uid(), app.user().gid(), terminal);
    process.write(json, app, app.args(), app.workingDirectory(), app.environment().strings());
    json.endObject();
    Path root = sources.root(app.spec().name(), app.spec().rootfs());
    json.name("root").beginObject().name("path").value(root.toString());
    json.name("readonly").value(app.spec().runtime().readOnlyRootFs()).endObject();
    // No hostname: the UTS namespace is the pod's and has its name already.
    json.name("mounts").beginArray();
    mounts(app);
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

  /** The process section, shared with {@code enter}. */
  record Process(long uid, long gid, boolean terminal) {
    void write(
        JsonWriter json,
        AppPlan app,
        List<String> args,
        String workingDirectory,
        List<String> environment) {
      json.name("terminal").value(terminal);
      json.name("user").beginObject().name("uid").value(uid).name("gid").value(gid);
      if (!app.spec().app().supplementaryGids().isEmpty()) {
        json.name("additionalGids").beginArray();
        for (int group : app.spec().app().supplementaryGids()) {
          json.value(Integer.toUnsignedLong(group));
        }
        json.endArray();
      }
      json.endObject();
      json.name("args").strings(args).name("env").strings(environment);
      json.name("cwd").value(workingDirectory);
      capabilities(json, app.bounding(), uid == 0);
      json.name("noNewPrivileges").value(app.noNewPrivileges());
      if (app.isolators().oomScoreAdj().isPresent()) {
        json.name("oomScoreAdj").value(app.isolators().oomScoreAdj().get());
      }
    }

    static void capabilities(JsonWriter json, List<String> bounding, boolean root) {
      json.name("capabilities").beginObject().name("bounding").strings(bounding);
      List<String> held = root ? bounding : List.of();
      json.name("effective").strings(held).name("permitted").strings(held).endObject();
    }
  }

  private void mounts(AppPlan app) {
    MountList mounts = new MountList(json, sources);
    Path shm = Path.of("");
    if (pod.hostIpc()) {
      shm = Path.of("/dev/shm");
    } else if (pod.apps().size() > 1) {
      shm = paths.shm();
    }
    boolean protect = !pod.disabled().contains(Isolation.PATHS);
    mounts.system(shm, !hasVolumeIn(app, "/sys"), protect);
    if (!hasVolumeIn(app, "/etc/hostname")) {
      mounts.file("/etc/hostname", paths.hostname(), true);
    }
    if (app.hostsFallback()) {
      mounts.file("/etc/hosts", paths.hostsFallback(), false);
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

  private void linux(AppPlan app) {
    namespaces();
    idMappings();
    json.name("cgroupsPath").value(cgroups.app(pod.uuid(), app.spec().name()));
    devices();
    json.name("resources").beginObject();
    resources(app);
    json.endObject();
    if (!pod.disabled().contains(Isolation.PATHS)) {
      json.name("maskedPaths").beginArray();
      boolean sysfs = !hasVolumeIn(app, "/sys");
      for (String path : IsolationPaths.MASKED) {
        if (sysfs || !path.startsWith("/sys/")) {
          json.value(path);
        }
      }
      json.endArray().name("readonlyPaths").strings(IsolationPaths.READ_ONLY);
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
    if (pod.net() == NetMode.NONE) {
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
    AppIsolators isolators = app.isolators();
    if (isolators.memoryLimit().isPresent()) {
      json.name("memory").beginObject();
      json.name("limit").value(isolators.memoryLimit().get()).endObject();
    }
    if (isolators.cpuLimit().isPresent() || isolators.cpuShares().isPresent()) {
      json.name("cpu").beginObject();
      if (isolators.cpuShares().isPresent()) {
        json.name("shares").value(isolators.cpuShares().get());
      }
      if (isolators.cpuLimit().isPresent()) {
        json.name("quota").value(isolators.cpuLimit().get() * 100);
        json.name("period").value(100_000);
      }
      json.endObject();
    }
  }

  private @org.jspecify.annotations.Nullable Stat device(String path) {
    try {
      return kernel.fstatat(Consts.AT_FDCWD, path, 0);
    } catch (OsException _) {
      return null; // no such device on this host; a missing volume is the runtime's to report
    }
  }
}
