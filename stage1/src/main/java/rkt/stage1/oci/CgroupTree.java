package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.List;
import rkt.schema.appc.PodUuid;

/**
 * Where pods live in the host's cgroup hierarchies.
 *
 * @param unified whether there is one hierarchy (v2); otherwise one per controller (v1, hybrid)
 * @param hybrid whether a v2 hierarchy is mounted beside v1, which crun refuses until it is hidden
 * @param mounts the mount points of the hierarchies
 * @param base the cgroup, relative to each hierarchy's root, that pods are made in
 */
public record CgroupTree(boolean unified, boolean hybrid, List<Path> mounts, String base) {
  public CgroupTree {
    mounts = List.copyOf(mounts);
  }

  /** Looks at this host. */
  public static CgroupTree probe() throws java.io.IOException {
    throw new UnsupportedOperationException("published as a signature first");
  }

  /** The cgroup of an app as the runtime's {@code cgroupsPath}: {@code BASE/rkt-UUID/APP}. */
  public String app(PodUuid uuid, String app) {
    return pod(uuid) + "/" + app;
  }

  /** The cgroup of a pod, parent of its apps'. */
  public String pod(PodUuid uuid) {
    return (base.equals("/") ? "" : base) + "/rkt-" + uuid.value();
  }
}
