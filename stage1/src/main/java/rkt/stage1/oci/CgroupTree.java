package rkt.stage1.oci;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Cgroups;
import rkt.os.Kernel;
import rkt.schema.appc.PodUuid;

/**
 * Where pods live in the host's cgroup hierarchies.
 *
 * @param unified whether there is one hierarchy (v2); otherwise one per controller (v1, hybrid)
 * @param hybrid whether a v2 hierarchy is mounted beside v1, which crun refuses until it is hidden
 * @param mounts the hierarchies that runtimes use
 * @param base the cgroup, relative to each hierarchy's root, that pods are made in; empty for the
 *     root itself
 * @param leaves whether rkt is in the base cgroup and leaves it for a leaf, so that controllers can
 *     be enabled for pods
 */
public record CgroupTree(
    boolean unified, boolean hybrid, List<Mount> mounts, String base, boolean leaves) {
  CgroupTree(boolean unified, boolean hybrid, List<Mount> mounts, String base) {
    this(unified, hybrid, mounts, base, false);
  }

  public CgroupTree {
    mounts = List.copyOf(mounts);
  }

  /** A mounted hierarchy and the controllers it has. */
  public record Mount(Path path, List<String> controllers) {
    public Mount {
      controllers = List.copyOf(controllers);
    }
  }

  /** Looks at this host. */
  public static CgroupTree probe() throws IOException {
    return of(Cgroups.probe(Kernel.linux()));
  }

  static CgroupTree of(Cgroups cgroups) throws IOException {
    boolean unified = cgroups.layout() == Cgroups.Layout.V2;
    List<Mount> mounts = new ArrayList<>();
    for (Cgroups.Hierarchy hierarchy : cgroups.hierarchies()) {
      if (hierarchy.unified() == unified) {
        mounts.add(new Mount(Path.of(hierarchy.mountPoint()), hierarchy.controllers()));
      }
    }
    boolean hybrid = cgroups.layout() == Cgroups.Layout.HYBRID;
    Optional<Cgroups.Delegation> own = unified ? cgroups.delegated() : Optional.empty();
    boolean leaves = own.isPresent() && own.get().inside();
    return new CgroupTree(unified, hybrid, mounts, cgroups.podParent(), leaves);
  }

  /** The cgroup of an app as the runtime's {@code cgroupsPath}: {@code BASE/rkt-UUID/APP}. */
  public String app(PodUuid uuid, String app) {
    return pod(uuid) + "/" + app;
  }

  /** The cgroup of a pod, parent of its apps'. */
  public String pod(PodUuid uuid) {
    return base + "/rkt-" + uuid.value();
  }

  /** The hierarchy of a controller, when the kernel has it. */
  Optional<Path> controller(String name) {
    for (Mount mount : mounts) {
      if (mount.controllers().contains(name)) {
        return Optional.of(mount.path());
      }
    }
    return Optional.empty();
  }

  /** Every directory a pod may have made, apps before the pod. */
  List<Path> directories(PodUuid uuid, List<String> apps) {
    List<Path> directories = new ArrayList<>(mounts.size() * (apps.size() + 1));
    for (Mount mount : mounts) {
      for (String app : apps) {
        directories.add(Path.of(mount.path() + app(uuid, app)));
      }
    }
    for (Mount mount : mounts) {
      directories.add(Path.of(mount.path() + pod(uuid)));
    }
    return directories;
  }

  /**
   * The controllers that a runtime enables in the cgroup we left. While they are, no process may be
   * started there, such as the unit's main process after a pod in {@code ExecStartPre=}.
   */
  Optional<Path> controlLeft() {
    return leaves
        ? Optional.of(Path.of(mounts.get(0).path() + base + "/cgroup.subtree_control"))
        : Optional.empty();
  }

  /** The file that lists the processes of an app. */
  Optional<Path> processFile(PodUuid uuid, String app) {
    return mounts.isEmpty()
        ? Optional.empty()
        : Optional.of(Path.of(mounts.get(0).path() + app(uuid, app) + "/cgroup.procs"));
  }

  /** The file that counts an app's deaths by the OOM killer. */
  Optional<Path> oomFile(PodUuid uuid, String app) {
    Optional<Path> memory = controller("memory");
    if (memory.isEmpty()) {
      return memory;
    }
    String file = unified ? "/memory.events" : "/memory.oom_control";
    return Optional.of(Path.of(memory.get() + app(uuid, app) + file));
  }
}
