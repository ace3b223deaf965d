package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import rkt.net.PluginPath;
import rkt.net.Teardown;
import rkt.os.CgroupTree;
import rkt.os.Cgroups;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.stage1.SelinuxLabels;

/**
 * Takes a pod away that no process lives in any more: what it left in the kernel first, then its
 * files.
 *
 * <p>Every method needs the pod's exclusive lock. The order makes each step repeatable: the launch
 * file, which names the cgroups and state directories, goes only after those are gone, so a kill at
 * any point loses no knowledge.
 */
final class PodRemains {
  private final PodStore pods;
  private final PodFiles files;
  private final Kernel kernel;
  private final Reporter reporter;

  PodRemains(PodStore pods, Reporter reporter) {
    this.pods = pods;
    this.files = pods.files();
    this.kernel = pods.kernel();
    this.reporter = reporter;
  }

  /** For a pod that never came to life: out of sight in one step, then away. */
  void discard(Pod pod) throws EngineException {
    try {
      if (pod.directory() != PodDirectory.GARBAGE) {
        pod.move(PodDirectory.GARBAGE);
      }
    } catch (OsException e) {
      throw Failures.system("rename error", e);
    }
    destroy(pod);
  }

  /**
   * Removes a pod in {@code garbage} or {@code exited-garbage} with all it left. A failure keeps it
   * for another try.
   */
  void destroy(Pod pod) throws EngineException {
    String uuid = pod.uuid().value();
    try {
      releaseRuntime(pod);
      unmountBelow(pod.path());
      releaseNetwork(pod);
    } catch (OsException e) {
      throw Failures.system("GC of leftover mounts for pod \"" + uuid + "\" failed", e);
    }
    try {
      kernel.removeTree(pod.fd(), "stage1");
      kernel.removeTree(pod.fd(), PodFiles.OVERLAY);
    } catch (OsException e) {
      throw Failures.system("unable to remove pod rootfs \"" + uuid + "\"", e);
    }
    Path parent = pods.layout().pods().resolve(pod.directory().dirName());
    try (Fd dir = Fd.directory(kernel, parent.toString())) {
      boolean users = files.exists(pod.fd(), PodFiles.USERS_PREPARED);
      kernel.removeTree(dir.number(), uuid);
      if (users) {
        new IdRanges(pods).release(pod.uuid());
      }
    } catch (OsException e) {
      throw Failures.system("unable to remove pod \"" + uuid + "\"", e);
    }
    reporter.debug("", "removed pod \"" + uuid + "\"");
  }

  /**
   * Removes the cgroups and runtime state of a pod whose supervisor could not: killed, or the
   * machine lost power.
   */
  void releaseRuntime(Pod pod) throws OsException {
    String uuid = pod.uuid().value();
    Traces traces = Traces.of(files.readIfPresent(pod.fd(), PodFiles.LAUNCH));
    if (!traces.cgroups().isEmpty() || !traces.parents().isEmpty()) {
      removeCgroups(Cgroups.probe(kernel), traces, uuid);
    }
    for (String state : traces.states()) {
      Path path = Path.of(state);
      if (SelinuxLabels.CLAIMS.equals(path.getParent())) {
        SelinuxLabels.release(kernel, path);
      } else if (path.isAbsolute() && String.valueOf(path.getFileName()).startsWith(uuid)) {
        kernel.removeTree(Consts.AT_FDCWD, path.toString());
      }
    }
  }

  private void removeCgroups(Cgroups cgroups, Traces traces, String uuid) throws OsException {
    for (String relative : podCgroups(cgroups, traces.cgroups(), uuid)) {
      CgroupTree tree = cgroups.tree(relative);
      // Whoever is still in it belongs to the pod: a runtime that was at work when its supervisor
      // was killed.
      if (!tree.processes().isEmpty()) {
        tree.kill();
      }
      tree.remove();
    }
    for (String parent : traces.parents()) {
      removeIfEmpty(cgroups, parent);
    }
  }

  /** A cgroup made on the way to the pod's place; others may be in it by now. */
  private void removeIfEmpty(Cgroups cgroups, String directory) throws OsException {
    for (Cgroups.Hierarchy hierarchy : cgroups.hierarchies()) {
      if (!directory.startsWith(hierarchy.mountPoint() + "/") || directory.contains("/../")) {
        continue;
      }
      try {
        kernel.unlinkat(Consts.AT_FDCWD, directory, Consts.AT_REMOVEDIR);
      } catch (OsException e) {
        if (!e.is(Errno.ENOENT) && !e.is(Errno.EBUSY) && !e.is(Errno.ENOTEMPTY)) {
          throw e;
        }
      }
    }
  }

  /**
   * The pod's cgroups, relative to each hierarchy. The launch file is root's, but a path that does
   * not name this pod is never ours to remove, whoever wrote it.
   */
  private static Set<String> podCgroups(Cgroups cgroups, List<String> directories, String uuid) {
    Set<String> out = new LinkedHashSet<>();
    for (Cgroups.Hierarchy hierarchy : cgroups.hierarchies()) {
      String mountPoint = hierarchy.mountPoint() + "/";
      for (String directory : directories) {
        int pod = directory.indexOf("/rkt-" + uuid);
        if (directory.startsWith(mountPoint) && pod >= mountPoint.length() - 1) {
          out.add(directory.substring(mountPoint.length() - 1, pod) + "/rkt-" + uuid);
        }
      }
    }
    return out;
  }

  /** What the launch file says the pod makes outside its directory. */
  record Traces(List<String> cgroups, List<String> states, List<String> parents) {
    static Traces of(byte @org.jspecify.annotations.Nullable [] launchFile) {
      List<String> cgroups = new ArrayList<>();
      List<String> states = new ArrayList<>();
      List<String> parents = new ArrayList<>();
      if (launchFile != null) {
        String text = new String(launchFile, StandardCharsets.UTF_8);
        int from = 0;
        while (from < text.length()) {
          int end = text.indexOf('\0', from);
          String entry = text.substring(from, end < 0 ? text.length() : end);
          if (entry.startsWith("cgroup=")) {
            cgroups.add(entry.substring("cgroup=".length()));
          } else if (entry.startsWith("cgroup-parent=")) {
            parents.add(entry.substring("cgroup-parent=".length()));
          } else if (entry.startsWith("state=")) {
            states.add(entry.substring("state=".length()));
          }
          from += entry.length() + 1;
        }
      }
      return new Traces(cgroups, states, parents);
    }
  }

  /**
   * Mounts of a pod live in its own namespace; only a manual mount or another tool leaves one here.
   */
  private void unmountBelow(Path dir) throws OsException {
    for (MountTable.Mount mount : MountTable.current(kernel).mountsBelow(dir.toString())) {
      // Private first, else the unmount would travel to every peer of a shared mount.
      try {
        kernel.mount("none", mount.mountPoint(), null, Consts.MS_PRIVATE, null);
        kernel.umount(mount.mountPoint(), Consts.UMOUNT_NOFOLLOW);
      } catch (OsException e) {
        if (e.is(Errno.EBUSY)) {
          kernel.umount(mount.mountPoint(), Consts.MNT_DETACH | Consts.UMOUNT_NOFOLLOW);
        } else if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
          throw e;
        }
      }
    }
  }

  /**
   * Undoes the networking of a pod whose supervisor could not: killed, or the machine lost power.
   */
  void releaseNetwork(Pod pod) throws OsException {
    new Teardown(kernel, PodNetworking.log(reporter), new PluginPath(PluginPath.OF_THE_HOST))
        .run(pod.fd(), pod.path(), pod.uuid().value());
  }
}
