package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.IdRange;
import rkt.stage1.MappedMounts;
import rkt.stage1.NetMode;
import rkt.stage1.PlannedMount;
import rkt.stage1.PodSpec;

/**
 * Where the bundles of a pod with a user namespace find what they mount. The runtime's child that
 * mounts it is root of that namespace and nobody outside: pod directories are closed to it, and
 * what it bound from there would belong to nobody inside. So each source gets a mapped mount at an
 * open place, known here by number. Without a user namespace all sources are what they are.
 */
final class MappedSources {
  /** Empty on the host; the pod's mount namespace has a tmpfs on it. */
  static final Path BASE = Path.of("/run/rkt/pod");

  /**
   * A null device of the pod's own: crun gives the runtime's standard input to the app's user, and
   * the host's /dev/null must not become his.
   */
  static final Path NULL = BASE.resolve("null");

  private final Kernel kernel;
  private final MountTable mounts;
  private final Optional<IdRange> users;
  private final List<AppSpec> apps;
  private final boolean ownedByHost;
  private final boolean hostIpc;
  private final Map<MappedMounts.Bind, Path> binds = new LinkedHashMap<>();
  private final Map<String, MappedMounts.Root> roots = new LinkedHashMap<>();

  private MappedSources(Kernel kernel, PodSpec pod, List<MountTable.Mount> mounts) {
    this.kernel = kernel;
    this.mounts = new MountTable(mounts);
    this.users = pod.users();
    this.apps = pod.apps();
    this.ownedByHost = pod.net() != NetMode.NONE;
    this.hostIpc = pod.hostIpc();
  }

  /** Of a pod whose volumes have been mounted. */
  static MappedSources of(Kernel kernel, PodSpec pod) throws EngineException {
    if (pod.users().isEmpty()) {
      return new MappedSources(kernel, pod, List.of());
    }
    try {
      return new MappedSources(kernel, pod, MountTable.current(kernel).mounts());
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot find out what is mounted below the pod's volumes",
          String.valueOf(e.getMessage()),
          "check that /proc is mounted",
          e);
    }
  }

  /** Whether there is a user namespace. */
  boolean mapped() {
    return users.isPresent();
  }

  /** Where the sandbox finds its empty root. */
  static Path empty(PodSpec pod, Path otherwise) {
    return pod.users().isPresent() ? BASE.resolve("empty") : otherwise;
  }

  /** The root of an app, with the volumes that are placed in it. */
  Path root(AppSpec app) {
    if (!mapped()) {
      return app.rootfs();
    }
    Path target = BASE.resolve("roots").resolve(app.name());
    List<BindMount> placed = new ArrayList<>(app.mounts().size());
    for (BindMount mount : app.mounts()) {
      if (mount.placed()) {
        placed.add(mount);
      }
    }
    roots.put(app.name(), new MappedMounts.Root(app.name(), app.rootfs(), target, placed));
    return target;
  }

  /**
   * Where to bind from what is {@code source} on the host.
   *
   * @param below a mount below it that is meant instead; empty for itself
   */
  String bind(String source, String below, boolean readOnly) {
    if (source.startsWith(BASE + "/")) {
      return source;
    }
    // The same source for two apps is one mount.
    MappedMounts.Bind key =
        new MappedMounts.Bind(Path.of(source), below, Path.of(""), readOnly, origin(source));
    Path target = binds.get(key);
    if (target == null) {
      target = BASE.resolve("binds").resolve(Integer.toString(binds.size()));
      binds.put(key, target);
    }
    return target.toString();
  }

  /** Volumes have been mounted below the pod directory, under numbers. */
  private String origin(String source) {
    for (AppSpec app : apps) {
      for (BindMount mount : app.mounts()) {
        if (mount.source().toString().equals(source)) {
          return mount.origin();
        }
      }
    }
    return source;
  }

  /** What is mounted below a source, as relative paths, those further up first. */
  List<String> below(String source) {
    List<String> below = new ArrayList<>();
    for (MountTable.Mount mount : mounts.mountsBelow(source)) {
      String point = mount.mountPoint();
      if (!point.equals(source)) {
        String relative = point.substring(source.equals("/") ? 1 : source.length() + 1);
        if (!below.contains(relative) && exists(point)) {
          below.add(relative);
        }
      }
    }
    // A path is longer than those of the directories it is in.
    below.sort(Comparator.comparingInt(String::length));
    return below;
  }

  /** Not when another mount on a directory above hides it. */
  private boolean exists(String path) {
    try {
      kernel.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW);
      return true;
    } catch (OsException _) {
      return false;
    }
  }

  /**
   * A sysfs shows the network namespace of whoever mounts it, and only the owner of that may mount
   * one (the kernel's sysfs_init_fs_context): unless the runtime makes the namespace, rkt mounts
   * it.
   */
  Optional<String> sysfs() {
    return mapped() && ownedByHost ? Optional.of(BASE.resolve("sys").toString()) : Optional.empty();
  }

  /** The same about message queues and the IPC namespace. */
  Optional<String> mqueue() {
    return mapped() && hostIpc ? Optional.of(BASE.resolve("mqueue").toString()) : Optional.empty();
  }

  /** All that has been asked for here. */
  Optional<MappedMounts> plan() {
    if (users.isEmpty()) {
      return Optional.empty();
    }
    List<PlannedMount> mounts = new ArrayList<>(2);
    Optional<String> sysfs = sysfs();
    if (sysfs.isPresent()) {
      mounts.add(system("sysfs", sysfs.get()));
    }
    Optional<String> mqueue = mqueue();
    if (mqueue.isPresent()) {
      mounts.add(system("mqueue", mqueue.get()));
    }
    List<MappedMounts.Bind> all = new ArrayList<>(binds.size());
    for (Map.Entry<MappedMounts.Bind, Path> bind : binds.entrySet()) {
      MappedMounts.Bind key = bind.getKey();
      all.add(
          new MappedMounts.Bind(
              key.source(), key.below(), bind.getValue(), key.readOnly(), key.origin()));
    }
    List<Path> directories =
        List.of(BASE.resolve("empty"), BASE.resolve("roots"), BASE.resolve("binds"));
    return Optional.of(
        new MappedMounts(
            users.get(), BASE, directories, NULL, mounts, List.copyOf(roots.values()), all));
  }

  private static PlannedMount system(String type, String target) {
    long flags = Consts.MS_NOSUID | Consts.MS_NODEV | Consts.MS_NOEXEC;
    return new PlannedMount(type, Path.of(target), Optional.of(type), flags, Optional.empty());
  }
}
