package rkt.pod;

import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * Copies what an image has at a volume's mount point into the fresh volume, as Docker does.
 *
 * <p>The image is hostile: the start is resolved inside the app's root, and from there on
 * everything is opened relative to an open directory without following links. Devices are left out
 * (a volume is no place for them), hard links become copies, and set-ID bits survive because owners
 * do.
 */
final class TreeCopy {
  /** Deeper trees exist only to hurt: each level holds two descriptors and a stack frame. */
  private static final int MAX_DEPTH = 200;

  private final Kernel kernel;

  TreeCopy(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Copies the directory at {@code path} inside {@code root} into an open empty directory; nothing
   * there, nothing done.
   */
  void fromRoot(java.nio.file.Path root, String path, int target) throws OsException {
    try (Fd base = Fd.directory(kernel, root.toString())) {
      int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_CLOEXEC;
      long confined = Consts.RESOLVE_IN_ROOT | Consts.RESOLVE_NO_MAGICLINKS;
      try (Fd source = new Fd(kernel, kernel.openat2(base.number(), path, flags, 0, confined))) {
        directory(source.number(), target, 0);
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    }
  }

  private void directory(int source, int target, int depth) throws OsException {
    if (depth > MAX_DEPTH) {
      throw new OsException("copy", "volume content", Errno.ELOOP);
    }
    for (String name : kernel.list(source)) {
      entry(source, target, name, depth);
    }
    attributes(target, kernel.fstat(source));
  }

  private void entry(int source, int target, String name, int depth) throws OsException {
    Stat stat = kernel.fstatat(source, name, Consts.AT_SYMLINK_NOFOLLOW);
    if (stat.isSymlink()) {
      kernel.symlinkat(kernel.readlinkat(source, name), target, name);
      kernel.fchownat(target, name, stat.uid(), stat.gid(), Consts.AT_SYMLINK_NOFOLLOW);
    } else if (stat.isDir()) {
      int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
      kernel.mkdirat(target, name, 0700);
      try (Fd from = Fd.openat(kernel, source, name, flags, 0);
          Fd to = Fd.openat(kernel, target, name, flags, 0)) {
        directory(from.number(), to.number(), depth + 1);
      }
    } else if (stat.isRegular()) {
      int create = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
      try (Fd from = Fd.openat(kernel, source, name, Consts.O_RDONLY | Consts.O_NOFOLLOW, 0);
          Fd to = Fd.openat(kernel, target, name, create, 0600)) {
        content(from.number(), to.number(), stat.size());
        attributes(to.number(), stat);
      }
    }
  }

  /** Holes stay holes: a small image could otherwise fill the disk. */
  private void content(int from, int to, long size) throws OsException {
    long data = 0;
    while (data < size) {
      try {
        data = kernel.lseek(from, data, Consts.SEEK_DATA);
      } catch (OsException e) {
        // Nothing but a hole up to the end.
        if (e.is(Errno.ENXIO)) {
          break;
        }
        throw e;
      }
      long hole = kernel.lseek(from, data, Consts.SEEK_HOLE);
      kernel.lseek(from, data, Consts.SEEK_SET);
      kernel.lseek(to, data, Consts.SEEK_SET);
      copy(from, to, hole - data);
      data = hole;
    }
    kernel.ftruncate(to, size);
  }

  private void copy(int from, int to, long length) throws OsException {
    long left = length;
    try {
      while (left > 0) {
        long n = kernel.copyRange(from, to, left);
        if (n == 0) {
          return;
        }
        left -= n;
      }
      return;
    } catch (OsException e) {
      if (!e.is(Errno.EXDEV) && !e.is(Errno.EINVAL) && !e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
    // Between two file systems older kernels copy nothing: read on from where the offsets stand.
    byte[] buffer = new byte[64 << 10];
    while (left > 0) {
      int n = kernel.read(from, buffer, 0, (int) Math.min(left, buffer.length));
      if (n == 0) {
        return;
      }
      kernel.write(to, buffer, 0, n);
      left -= n;
    }
  }

  /** Owner first: changing it clears set-ID bits and file capabilities. */
  private void attributes(int fd, Stat stat) throws OsException {
    kernel.fchown(fd, stat.uid(), stat.gid());
    kernel.fchmod(fd, stat.permissions());
    kernel.utimensat(
        fd, null, stat.mtimeSec(), stat.mtimeNsec(), stat.mtimeSec(), stat.mtimeNsec(), 0);
  }
}
