package rkt.store.unpack;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.store.unpack.TarEntry.Time;

/**
 * The directory being filled, and the only way to name anything in it.
 *
 * <p>Security argument. A directory is opened by {@code openat2} on the root's descriptor with
 * {@code RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS}: symbolic links planted by earlier entries, also
 * absolute ones, resolve inside. A file is then named by that descriptor and one component, which
 * no call follows. There is no check-then-use of a path (CVE-2018-15664, CVE-2019-14271 class).
 *
 * <p>The last directory stays open, since entries come grouped. Its descriptor always is a
 * directory inside the root; it only might no longer be the one its path names, so a removal
 * elsewhere forgets it.
 */
final class ConfinedTree implements AutoCloseable {
  private static final long RESOLVE = Consts.RESOLVE_IN_ROOT | Consts.RESOLVE_NO_MAGICLINKS;
  private static final int DIR_FLAGS = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_CLOEXEC;
  private static final Time MADE_UP = new Time(0, 0);

  private final Kernel kernel;
  private final int root;
  private String cachedPath = "";
  private int cachedFd = -1;
  private final Map<String, Time> directoryTimes = new HashMap<>();
  private final Set<String> implicit = new HashSet<>();

  ConfinedTree(Kernel kernel, int root) {
    this.kernel = kernel;
    this.root = root;
    implicit.add("");
  }

  Set<String> implicitDirs() {
    return implicit;
  }

  /** A directory's descriptor, valid until the next call here; missing ones are made. */
  int directory(String path) throws IOException {
    if (path.isEmpty()) {
      return root;
    }
    if (cachedFd >= 0 && path.equals(cachedPath)) {
      return cachedFd;
    }
    int fd;
    try {
      fd = resolve(path);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw explain(e, path);
      }
      fd = make(path);
    }
    enter(path, fd);
    return fd;
  }

  /** A directory that must exist already; the caller closes it. */
  int existing(String path) throws IOException {
    if (path.isEmpty()) {
      return kernel.openat(root, ".", DIR_FLAGS, 0);
    }
    try {
      return resolve(path);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        throw e;
      }
      throw explain(e, path);
    }
  }

  /** Makes a directory just opened the current one; takes the descriptor. */
  void enter(String path, int fd) throws OsException {
    forget();
    cachedPath = path;
    cachedFd = fd;
  }

  /** Records that the archive states a directory's attributes. */
  void stated(String path, Time modified) {
    implicit.remove(path);
    directoryTimes.put(path, modified);
  }

  /** Removes whatever has this name, with all that is in it. The parent is the current one. */
  void remove(int parent, String path) throws IOException {
    if (parent == root) {
      // What is removed may be, or lead to, the current directory.
      forget();
    }
    String name = EntryPath.base(path);
    Stat stat = kernel.fstatat(parent, name, Consts.AT_SYMLINK_NOFOLLOW);
    if (!stat.isDir()) {
      kernel.unlinkat(parent, name, 0);
      return;
    }
    kernel.removeTree(parent, name);
    String below = path + "/";
    directoryTimes.keySet().removeIf(p -> p.equals(path) || p.startsWith(below));
    implicit.removeIf(p -> p.equals(path) || p.startsWith(below));
  }

  /** Sets directory times, which every entry made inside has changed. */
  void restoreTimes() throws IOException {
    forget();
    for (Map.Entry<String, Time> dir : directoryTimes.entrySet()) {
      int fd;
      try {
        fd = dir.getKey().isEmpty() ? existing("") : resolve(dir.getKey());
      } catch (OsException e) {
        // It was replaced by something else since.
        if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
          continue;
        }
        throw e;
      }
      try {
        Time time = dir.getValue();
        kernel.utimensat(fd, null, time.seconds(), time.nanos(), time.seconds(), time.nanos(), 0);
      } finally {
        kernel.close(fd);
      }
    }
  }

  @Override
  public void close() throws OsException {
    forget();
  }

  void forget() throws OsException {
    int fd = cachedFd;
    cachedFd = -1;
    cachedPath = "";
    if (fd >= 0) {
      kernel.close(fd);
    }
  }

  private int resolve(String path) throws OsException {
    for (int attempt = 0; ; attempt++) {
      try {
        return kernel.openat2(root, path, DIR_FLAGS, 0, RESOLVE);
      } catch (OsException e) {
        // openat2(2): a rename elsewhere raced with "..", try again.
        if (!e.is(Errno.EAGAIN) || attempt == 100) {
          throw e;
        }
      }
    }
  }

  private int make(String path) throws IOException {
    int parent = directory(EntryPath.parent(path));
    String name = EntryPath.base(path);
    try {
      kernel.mkdirat(parent, name, 0755);
    } catch (OsException e) {
      // A symbolic link that leads nowhere; ENOENT had to come from somewhere.
      throw explain(e, path);
    }
    int fd;
    try {
      fd = kernel.openat(parent, name, DIR_FLAGS | Consts.O_NOFOLLOW, 0);
    } catch (OsException e) {
      throw explain(e, path);
    }
    try {
      // Whatever the umask; and not the group of a set-gid parent.
      if (kernel.geteuid() == 0) {
        kernel.fchown(fd, 0, 0);
      }
      kernel.fchmod(fd, 0755);
      String real = realPath(fd);
      implicit.add(real);
      directoryTimes.put(real, MADE_UP);
      return fd;
    } catch (OsException e) {
      kernel.close(fd);
      throw e;
    }
  }

  /** The path without symbolic links, as overlayfs will see it. */
  private String realPath(int fd) throws OsException {
    String top = kernel.readlinkat(Consts.AT_FDCWD, "/proc/self/fd/" + root);
    String path = kernel.readlinkat(Consts.AT_FDCWD, "/proc/self/fd/" + fd);
    return path.startsWith(top + "/") ? path.substring(top.length() + 1) : path;
  }

  private static IOException explain(OsException e, String path) {
    boolean hostile =
        e.is(Errno.ENOTDIR)
            || e.is(Errno.ELOOP)
            || e.is(Errno.EXDEV)
            || e.is(Errno.EEXIST)
            || e.is(Errno.ENAMETOOLONG);
    if (!hostile) {
      return e;
    }
    return new ArchiveException(
        ArchiveException.Fault.REFUSED,
        "entry goes through " + EntryPath.quote(path) + ", which is no directory in the archive",
        e);
  }
}
