package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * Copies one tree in overlayfs format onto another: whiteouts remove, opaque directories clear,
 * neither is copied. Layer after layer, the lowest first, gives the merged tree without an overlay.
 *
 * <p>Walks by descriptors and single names only, so no link in either tree is followed.
 */
final class TreeCopy {
  private static final int DIR = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
  private static final int CREATE =
      Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
  private static final long SPARSE_FROM = 64 << 10;

  private final Kernel kernel;
  private final int targetRoot;
  private final Set<String> implicitDirs;

  /** Where in the target a file with several names was copied first. */
  private final Map<Long, String> links = new HashMap<>();

  private TreeCopy(Kernel kernel, int targetRoot, Set<String> implicitDirs) {
    this.kernel = kernel;
    this.targetRoot = targetRoot;
    this.implicitDirs = implicitDirs;
  }

  /**
   * @param implicitDirs directories of the source that leave the attributes of an existing target
   */
  static void apply(Kernel kernel, Path source, int target, Set<String> implicitDirs)
      throws IOException {
    TreeCopy copy = new TreeCopy(kernel, target, implicitDirs);
    try (Fd from = Fd.directory(kernel, source.toString())) {
      copy.children(from.number(), target, "");
      if (!implicitDirs.contains("")) {
        copy.attributes(from.number(), target, kernel.fstat(from.number()));
      }
    }
  }

  private void children(int from, int to, String path) throws IOException {
    for (String name : kernel.list(from)) {
      Stat stat = kernel.fstatat(from, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (stat.isCharDevice() && stat.rdev() == 0) {
        kernel.removeTree(to, name);
      } else if (stat.isDir()) {
        directory(from, to, name, path.isEmpty() ? name : path + "/" + name, stat);
      } else {
        kernel.removeTree(to, name);
        other(from, to, name, path.isEmpty() ? name : path + "/" + name, stat);
      }
    }
  }

  private void directory(int from, int to, String name, String path, Stat stat) throws IOException {
    try (Fd source = Fd.openat(kernel, from, name, DIR, 0)) {
      boolean existed = isDirectory(to, name);
      if (!existed) {
        kernel.removeTree(to, name);
        kernel.mkdirat(to, name, 0700);
      }
      try (Fd target = Fd.openat(kernel, to, name, DIR, 0)) {
        if (existed && kernel.fgetxattr(source.number(), "trusted.overlay.opaque") != null) {
          for (String old : kernel.list(target.number())) {
            kernel.removeTree(target.number(), old);
          }
        }
        Stat before = kernel.fstat(target.number());
        children(source.number(), target.number(), path);
        if (existed && implicitDirs.contains(path)) {
          times(target.number(), before);
        } else {
          attributes(source.number(), target.number(), stat);
        }
      }
    }
  }

  private boolean isDirectory(int dir, String name) throws OsException {
    try {
      return kernel.fstatat(dir, name, Consts.AT_SYMLINK_NOFOLLOW).isDir();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private void other(int from, int to, String name, String path, Stat stat) throws IOException {
    if (stat.nlink() > 1) {
      String first = links.putIfAbsent(stat.ino(), path);
      if (first != null) {
        link(first, to, name);
        return;
      }
    }
    if (stat.isRegular()) {
      file(from, to, name, stat);
      return;
    }
    if (stat.isSymlink()) {
      kernel.symlinkat(kernel.readlinkat(from, name), to, name);
    } else {
      kernel.mknodat(to, name, stat.mode(), Stat.major(stat.rdev()), Stat.minor(stat.rdev()));
    }
    kernel.fchownat(to, name, stat.uid(), stat.gid(), Consts.AT_SYMLINK_NOFOLLOW);
    if (!stat.isSymlink()) {
      kernel.fchmodat(to, name, stat.permissions());
    }
    long sec = stat.mtimeSec();
    int nsec = stat.mtimeNsec();
    kernel.utimensat(to, name, sec, nsec, sec, nsec, Consts.AT_SYMLINK_NOFOLLOW);
  }

  private void link(String first, int to, String name) throws IOException {
    int slash = first.lastIndexOf('/');
    String parent = slash < 0 ? "." : first.substring(0, slash);
    long resolve = Consts.RESOLVE_BENEATH | Consts.RESOLVE_NO_SYMLINKS;
    try (Fd dir =
        new Fd(kernel, kernel.openat2(targetRoot, parent, DIR | Consts.O_CLOEXEC, 0, resolve))) {
      kernel.linkat(dir.number(), first.substring(slash + 1), to, name, 0);
    }
  }

  private void file(int from, int to, String name, Stat stat) throws IOException {
    try (Fd source = Fd.openat(kernel, from, name, Consts.O_RDONLY | Consts.O_NOFOLLOW, 0);
        Fd target = Fd.openat(kernel, to, name, CREATE, 0600)) {
      if (stat.size() >= SPARSE_FROM) {
        copySparse(source.number(), target.number(), stat.size());
      } else {
        copy(source.number(), target.number(), stat.size());
      }
      attributes(source.number(), target.number(), stat);
    }
  }

  private void copySparse(int source, int target, long size) throws IOException {
    long data = 0;
    while (data < size) {
      try {
        data = kernel.lseek(source, data, Consts.SEEK_DATA);
      } catch (OsException e) {
        // Nothing but a hole up to the end.
        if (e.is(Errno.ENXIO)) {
          break;
        }
        throw e;
      }
      long hole = kernel.lseek(source, data, Consts.SEEK_HOLE);
      kernel.lseek(source, data, Consts.SEEK_SET);
      kernel.lseek(target, data, Consts.SEEK_SET);
      copy(source, target, hole - data);
      data = hole;
    }
    kernel.ftruncate(target, size);
  }

  private void copy(int source, int target, long length) throws IOException {
    long left = length;
    while (left > 0) {
      long n = kernel.copyRange(source, target, left);
      if (n == 0) {
        throw new IOException("a file of the image became shorter while it was copied");
      }
      left -= n;
    }
  }

  private void attributes(int source, int target, Stat stat) throws IOException {
    kernel.fchown(target, stat.uid(), stat.gid());
    for (String name : kernel.flistxattr(source)) {
      boolean content =
          name.equals("security.capability")
              || (name.startsWith("user.") && !name.startsWith("user.overlay."));
      byte[] value = content ? kernel.fgetxattr(source, name) : null;
      if (value != null) {
        kernel.fsetxattr(target, name, value, 0);
      }
    }
    kernel.fchmod(target, stat.permissions());
    times(target, stat);
  }

  private void times(int fd, Stat stat) throws OsException {
    long sec = stat.mtimeSec();
    int nsec = stat.mtimeNsec();
    kernel.utimensat(fd, null, sec, nsec, sec, nsec, 0);
  }
}
