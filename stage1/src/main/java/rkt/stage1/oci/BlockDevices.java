package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.os.Stat;

/** The disks that files lie on. */
final class BlockDevices {
  private final Kernel kernel;
  private final List<Device> found = new ArrayList<>(2);

  /** A disk by its numbers. */
  record Device(int major, int minor) {
    @Override
    public String toString() {
      return major + ":" + minor;
    }
  }

  BlockDevices(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Adds the disk of a file or directory; file systems without one add nothing, nor do files that
   * are not there: who mounts them will say so.
   */
  void add(Path path) throws OsException {
    Stat stat;
    try {
      stat = kernel.fstatat(Consts.AT_FDCWD, path.toString(), 0);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return;
      }
      throw e;
    }
    long dev = stat.isBlockDevice() ? stat.rdev() : stat.dev();
    if (Stat.major(dev) == 0) {
      // No device of its own: one that shares a disk among volumes (btrfs), or none at all.
      dev = sourceOf(path);
    }
    if (Stat.major(dev) == 0) {
      return;
    }
    Device disk = wholeDisk(new Device(Stat.major(dev), Stat.minor(dev)));
    if (!found.contains(disk)) {
      found.add(disk);
    }
  }

  List<Device> found() {
    return List.copyOf(found);
  }

  private long sourceOf(Path path) throws OsException {
    String source = "";
    int longest = -1;
    for (MountTable.Mount mount : MountTable.current(kernel).mounts()) {
      String point = mount.mountPoint();
      // Of mounts on one point the last one is on top.
      if (point.length() >= longest && path.startsWith(point)) {
        longest = point.length();
        source = mount.source();
      }
    }
    if (!source.startsWith("/dev/")) {
      return 0;
    }
    try {
      Stat stat = kernel.fstatat(Consts.AT_FDCWD, source, 0);
      return stat.isBlockDevice() ? stat.rdev() : 0;
    } catch (OsException _) {
      return 0; // a device that is not there (any more) cannot be limited
    }
  }

  /** The kernel throttles disks, not their partitions. */
  private Device wholeDisk(Device device) {
    String sys = "/sys/dev/block/" + device;
    try {
      kernel.fstatat(Consts.AT_FDCWD, sys + "/partition", 0);
      String text = SmallFiles.readText(kernel, sys + "/../dev", 64).strip();
      int colon = text.indexOf(':');
      return new Device(
          Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    } catch (OsException | NumberFormatException | IndexOutOfBoundsException _) {
      return device; // not a partition, as far as can be seen
    }
  }
}
