package rkt.pod;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.BindMount;
import rkt.stage1.rootfs.MountPlaces;
import rkt.stage1.rootfs.Rootfs;

/**
 * Mounts volumes in an app's root, in the pod's private mount namespace, before anything of the pod
 * runs. OCI runtimes bind the root with all that is mounted in it.
 *
 * <p>A target is resolved inside the root by the kernel ({@code openat2(RESOLVE_IN_ROOT)}), through
 * the volumes mounted before it, and what is mounted on is the file that was found, by its
 * descriptor: an image's link, or one that another pod puts into a volume both share at any moment,
 * leads to another place of the root at worst (CVE-2021-30465, CVE-2017-1002101).
 */
final class VolumeTargets {
  private final Kernel kernel;
  private final String attempted;
  private final Rootfs rootfs;
  private final boolean starting;
  private final List<BindMount> placed = new ArrayList<>();
  private final List<BindMount> left = new ArrayList<>();

  /**
   * @param attempted what failed, for messages
   * @param starting false when the pod is only planned: then nothing is made in a volume
   */
  VolumeTargets(Kernel kernel, String attempted, Rootfs rootfs, boolean starting) {
    this.kernel = kernel;
    this.attempted = attempted;
    this.rootfs = rootfs;
    this.starting = starting;
  }

  /**
   * The mount as it is now: made, or left to the flavor: because it makes what is around it, or
   * because the mount shall follow the host.
   */
  BindMount place(BindMount mount) throws EngineException, OsException {
    String place = rootfs.landing(mount.target());
    check(mount, place);
    BindMount at =
        new BindMount(
            mount.source(),
            place,
            mount.readOnly(),
            mount.recursive(),
            false,
            mount.followsHost(),
            mount.origin());
    if (below(place, "/dev") || isInOneLeft(place)) {
      left.add(at);
      return at;
    }
    boolean directory = stat(mount.source().toString()).isDir();
    if (!rootfs.hasEntry(place)) {
      if (!starting && parentOf(place) != null) {
        return at.asPlaced();
      }
      make(at, directory);
    }
    if (mount.followsHost()) {
      // crun cuts off from the host what is mounted in a root.
      left.add(at);
      return at;
    }
    try (Fd target = rootfs.at(place)) {
      boolean onDirectory = kernel.fstat(target.number()).isDir();
      if (onDirectory != directory) {
        throw EngineException.of(
            ErrorCode.INVALID,
            attempted,
            "cannot mount "
                + mount.origin()
                + " on "
                + mount.target()
                + ": "
                + (onDirectory ? "a file on a directory" : "a directory on a file"),
            "a directory goes on a directory, anything else on a file");
      }
      kernel.mount(
          mount.source().toString(), target.path(), null, Consts.MS_BIND | Consts.MS_REC, null);
    }
    placed.add(at);
    return at.asPlaced();
  }

  private boolean isInOneLeft(String place) {
    for (BindMount each : left) {
      if (below(place, each.target())) {
        return true;
      }
    }
    return false;
  }

  private Stat stat(String path) throws OsException {
    return kernel.fstatat(Consts.AT_FDCWD, path, 0);
  }

  private void make(BindMount at, boolean directory) throws EngineException, OsException {
    try {
      if (directory) {
        rootfs.makeDirectories(at.target(), 0755);
      } else {
        rootfs.makeFile(at.target());
      }
    } catch (OsException e) {
      BindMount around = parentOf(at.target());
      if (around == null || !e.is(Errno.EROFS)) {
        throw e;
      }
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "cannot make the mount point "
              + at.target()
              + ": "
              + around.target()
              + ", where it would be, is mounted read-only",
          "make it in " + around.origin() + " beforehand");
    }
  }

  /** The volume in which a path is, the innermost one; null when it is in the root itself. */
  private @Nullable BindMount parentOf(String path) {
    BindMount found = null;
    for (BindMount each : placed) {
      if (below(path, each.target())
          && (found == null || each.target().length() > found.target().length())) {
        found = each;
      }
    }
    return found;
  }

  private static boolean below(String path, String directory) {
    return path.startsWith(directory + "/");
  }

  private void check(BindMount mount, String place) throws EngineException, OsException {
    if (placed.isEmpty() && left.isEmpty()) {
      MountPlaces.checkImage(attempted, rootfs);
    }
    if (MountPlaces.isRefused(place)) {
      throw MountPlaces.refusal(attempted, mount.target(), place);
    }
    refuseSecond(mount, place, placed);
    refuseSecond(mount, place, left);
  }

  private void refuseSecond(BindMount mount, String place, List<BindMount> others)
      throws EngineException {
    for (BindMount other : others) {
      if (other.target().equals(place)) {
        throw EngineException.of(
            ErrorCode.INVALID,
            attempted,
            "mount point \""
                + mount.target()
                + "\" leads to "
                + place
                + ", where "
                + other.origin()
                + " is mounted already",
            "mount one volume there");
      }
    }
  }
}
