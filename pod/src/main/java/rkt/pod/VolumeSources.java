package rkt.pod;

import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.stage1.SelinuxLabels;

/**
 * The one place where the source of a volume becomes a mount: below {@code mounts/} in the pod
 * directory, in the pod's private mount namespace. Whatever is true of a volume as a whole, that it
 * is read-only to the last mount below it, is made true here, so that neither an app's root nor an
 * OCI runtime has a say in it.
 *
 * <p>Sources come as open descriptors. What has the source's name a moment later, such as a link
 * that someone put there meanwhile, is never looked at (the class of CVE-2021-30465).
 */
final class VolumeSources {
  static final String MOUNTS = "mounts";

  private final Kernel kernel;
  private final PodFiles files;
  private final Path podDir;
  private final String label;
  private int count;

  /**
   * @param label SELinux label of file systems that are made here; empty for none
   */
  VolumeSources(Kernel kernel, PodFiles files, Path podDir, String label) {
    this.label = label;
    this.kernel = kernel;
    this.files = files;
    this.podDir = podDir;
  }

  /**
   * Shows an open file or directory below the pod directory.
   *
   * @param source may be O_PATH
   * @param recursive whether mounts below it come along; otherwise they are hidden
   * @param readOnly of it and of all mounts that come along
   * @param followsHost whether later mounts of the host arrive; none ever goes back
   */
  Path mount(Fd source, boolean recursive, boolean readOnly, boolean followsHost)
      throws OsException {
    Path place = place(kernel.fstat(source.number()));
    int flags = Consts.OPEN_TREE_CLONE | Consts.OPEN_TREE_CLOEXEC | Consts.AT_EMPTY_PATH;
    int all = Consts.AT_EMPTY_PATH | Consts.AT_RECURSIVE;
    long propagation = followsHost ? Consts.MS_SLAVE : Consts.MS_PRIVATE;
    long attributes = readOnly ? Consts.MOUNT_ATTR_RDONLY : 0;
    int below = recursive ? Consts.AT_RECURSIVE : 0;
    try (Fd tree = new Fd(kernel, kernel.openTree(source.number(), "", flags | below))) {
      kernel.mountSetattr(tree.number(), "", all, attributes, 0, propagation, -1);
      kernel.moveMount(tree.number(), Consts.AT_FDCWD, place.toString());
    } catch (OsException e) {
      if (!e.is(Errno.ENOSYS)) {
        throw e;
      }
      mountOneByOne(source, place, recursive, readOnly, propagation);
    }
    return place;
  }

  /** A file system in memory of its own. */
  Path tmpfs(String options) throws OsException {
    Path place = directory();
    long flags = Consts.MS_NOSUID | Consts.MS_NODEV;
    String all = options + SelinuxLabels.mountOption(label);
    kernel.mount("tmpfs", place.toString(), "tmpfs", flags, all);
    return place;
  }

  /** Before Linux 5.12 each mount is made read-only by itself. */
  private void mountOneByOne(
      Fd source, Path place, boolean recursive, boolean readOnly, long propagation)
      throws OsException {
    String target = place.toString();
    long flags = Consts.MS_BIND | (recursive ? Consts.MS_REC : 0);
    kernel.mount(source.path(), target, null, flags, null);
    kernel.mount("none", target, null, propagation | Consts.MS_REC, null);
    if (!readOnly) {
      return;
    }
    for (MountTable.Mount mount : MountTable.current(kernel).mounts()) {
      String point = mount.mountPoint();
      if (point.equals(target) || point.startsWith(target + "/")) {
        long remount = Consts.MS_BIND | Consts.MS_REMOUNT | Consts.MS_RDONLY;
        kernel.mount("none", point, null, remount | kept(mount.options()), null);
      }
    }
  }

  /** A remount sets all of a mount's options: those it has are said again. */
  private static long kept(String options) {
    long flags = 0;
    for (String option : options.split(",")) {
      switch (option) {
        case "nosuid" -> flags |= Consts.MS_NOSUID;
        case "nodev" -> flags |= Consts.MS_NODEV;
        case "noexec" -> flags |= Consts.MS_NOEXEC;
        case "noatime" -> flags |= Consts.MS_NOATIME;
        case "nodiratime" -> flags |= Consts.MS_NODIRATIME;
        default -> {}
      }
    }
    return flags;
  }

  private Path place(Stat stat) throws OsException {
    if (stat.isDir()) {
      return directory();
    }
    Path file = next();
    files.write(file, "", 0600);
    return file;
  }

  private Path directory() throws OsException {
    Path directory = next();
    files.mkdir(directory, 0700);
    return directory;
  }

  private Path next() throws OsException {
    Path mounts = podDir.resolve(MOUNTS);
    if (count == 0) {
      files.mkdir(mounts, 0700);
    }
    count++;
    return mounts.resolve(Integer.toString(count));
  }
}
