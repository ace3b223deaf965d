package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.KernelFeatures;
import rkt.os.OsException;

/** Whether pods may use overlayfs here. */
final class OverlaySupport {
  /** statfs(2) f_type of file systems that overlayfs cannot use as its upper side. */
  private static final long AUFS_SUPER_MAGIC = 0x61756673L;

  private static final long ZFS_SUPER_MAGIC = 0x2fc12fc1L;

  private OverlaySupport() {}

  /** Why not, in the ancestor's words; empty when it works. */
  static Optional<String> obstacle(Kernel kernel, Path dataDir) throws OsException {
    long type = kernel.statfsType(dataDir.toString());
    if (type == AUFS_SUPER_MAGIC) {
      return Optional.of("unsupported filesystem: aufs");
    }
    if (type == ZFS_SUPER_MAGIC) {
      return Optional.of("unsupported filesystem: zfs");
    }
    return new KernelFeatures(kernel).requireFileSystem("overlay").isEmpty()
        ? Optional.empty()
        : Optional.of("overlay entry not present in /proc/filesystems");
  }
}
