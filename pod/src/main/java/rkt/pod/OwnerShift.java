package rkt.pod;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.stage1.IdRange;

/**
 * Gives a tree to the user namespace of a pod by changing every owner, where the kernel cannot map
 * them. Nothing is followed; each file is opened relative to its directory. Nobody else works in
 * the tree meanwhile. IDs that the pod does not have stay as they are.
 */
final class OwnerShift {
  private static final String CAPABILITIES = "security.capability";
  private static final int REVISION_MASK = 0xff;
  private static final int REVISION_2 = 2;
  private static final int REVISION_3 = 3;

  /** Each level holds a descriptor and a stack frame. */
  private static final int MAX_DEPTH = 500;

  private final Kernel kernel;
  private final IdRange range;
  private final Set<Long> linked = new HashSet<>();

  OwnerShift(Kernel kernel, IdRange range) {
    this.kernel = kernel;
    this.range = range;
  }

  /** A file, or a directory and all in it. */
  void tree(String path) throws OsException {
    entry(Consts.AT_FDCWD, path, 0);
  }

  private void entry(int dir, String name, int depth) throws OsException {
    if (depth > MAX_DEPTH) {
      throw new OsException("chown", name, Errno.ELOOP);
    }
    Stat stat = kernel.fstatat(dir, name, Consts.AT_SYMLINK_NOFOLLOW);
    if (stat.isDir()) {
      int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
      try (Fd fd = Fd.openat(kernel, dir, name, flags, 0)) {
        for (String child : kernel.list(fd.number())) {
          entry(fd.number(), child, depth + 1);
        }
        kernel.fchown(fd.number(), shifted(stat.uid()), shifted(stat.gid()));
        if ((stat.mode() & (Consts.S_ISUID | Consts.S_ISGID)) != 0) {
          kernel.fchmod(fd.number(), stat.permissions());
        }
      }
      return;
    }
    if (stat.nlink() > 1 && !linked.add(stat.ino())) {
      return;
    }
    if (stat.isRegular()) {
      int flags = Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK;
      try (Fd fd = Fd.openat(kernel, dir, name, flags, 0)) {
        regular(fd, stat);
      }
    } else {
      int nofollow = Consts.AT_SYMLINK_NOFOLLOW;
      kernel.fchownat(dir, name, shifted(stat.uid()), shifted(stat.gid()), nofollow);
    }
  }

  /** A new owner costs a file its set-ID bits and capabilities, so those are given back. */
  private void regular(Fd fd, Stat stat) throws OsException {
    byte[] capabilities = kernel.fgetxattr(fd.number(), CAPABILITIES);
    kernel.fchown(fd.number(), shifted(stat.uid()), shifted(stat.gid()));
    if ((stat.mode() & (Consts.S_ISUID | Consts.S_ISGID)) != 0) {
      kernel.fchmod(fd.number(), stat.permissions());
    }
    if (capabilities != null) {
      kernel.fsetxattr(fd.number(), CAPABILITIES, ofRoot(capabilities), 0);
    }
  }

  /**
   * File capabilities that only a namespace with that root honours (capabilities(7), version 3);
   * those of version 2 are the host's.
   */
  byte[] ofRoot(byte[] capabilities) {
    int length = capabilities.length;
    if (length < 20 || (capabilities[3] & REVISION_MASK) < REVISION_2) {
      return capabilities;
    }
    byte[] out = Arrays.copyOf(capabilities, 24);
    out[3] = (byte) REVISION_3;
    int root = range.first();
    for (int i = 0; i < 4; i++) {
      out[20 + i] = (byte) (root >>> (8 * i));
    }
    return out;
  }

  private int shifted(int id) {
    return range.has(Integer.toUnsignedLong(id)) ? range.first() + id : id;
  }
}
