package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.os.Users;

/**
 * How directories of the store are made and entered: one component after the other, each by the
 * descriptor of the one before, never through a symbolic link, and only those of root (or of who
 * runs rkt, or of whom the whole store belongs to).
 *
 * <p>Group {@code rkt} may read and not write. Stores of before let its members add names anywhere,
 * also a link to a directory that root would then write to or sweep; so whoever writes first takes
 * that right back, and what was put there until then is told apart by its owner and type.
 */
final class StoreDirectory {
  /** Set-gid, so that files belong to the group of the data directory (group {@code rkt}). */
  static final int SHARED = 02750;

  /**
   * Trees hold set-uid programs of images, so only root may look inside (CVE-2021-41091: Docker's
   * were reachable for every user of the host).
   */
  static final int PRIVATE = 0700;

  private static final String GROUP = "rkt";
  private static final int FLAGS = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
  private static final int FILE_FLAGS =
      Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK | Consts.O_NOCTTY;
  private static final int WRITE_BITS = 022;
  private static final int STICKY = 01000;

  private final Kernel kernel;
  private final Path cas;

  StoreDirectory(Kernel kernel, Path cas) {
    this.kernel = kernel;
    this.cas = cas;
  }

  /** What a walk does besides entering. */
  private enum Walk {
    READ,
    TIGHTEN,
    MAKE
  }

  /** Opens a directory to read what is in it; ENOENT when it is not there. */
  Fd open(Path dir) throws IOException {
    return walk(dir, Walk.READ, SHARED);
  }

  /** Opens a directory to change what is in it, as only root can from now on. */
  Fd openToChange(Path dir) throws IOException {
    return walk(dir, Walk.TIGHTEN, SHARED);
  }

  /** As {@link #openToChange}, and makes what is missing. */
  Fd make(Path dir, int mode) throws IOException {
    return walk(dir, Walk.MAKE, mode);
  }

  /** Opens a plain file of ours; a link, a FIFO and the like are refused without waiting. */
  Fd openFile(Path file) throws IOException {
    Path parent = file.getParent();
    try (Fd dir = open(parent == null ? cas : parent)) {
      Fd fd;
      try {
        fd = Fd.openat(kernel, dir.number(), name(file), FILE_FLAGS, 0);
      } catch (OsException e) {
        throw refused(e, file, "is no plain file");
      }
      try {
        Stat stat = kernel.fstat(fd.number());
        if (!stat.isRegular()) {
          throw new ForeignEntry(file, "is no plain file");
        }
        checkOwner(stat, file);
        return fd;
      } catch (IOException e) {
        throw closing(fd, e);
      }
    }
  }

  /** Whether root, this user or the owner of the store made it. */
  boolean owns(Stat stat) throws OsException {
    return stat.uid() == 0
        || stat.uid() == kernel.geteuid()
        || stat.uid() == kernel.fstatat(Consts.AT_FDCWD, cas.toString(), 0).uid();
  }

  private Fd walk(Path dir, Walk walk, int mode) throws IOException {
    // The way to the store is the administrator's, who may have put it elsewhere by a link.
    Fd fd = Fd.directory(kernel, cas.toString());
    try {
      if (walk != Walk.READ) {
        tighten(fd, SHARED);
      }
      Path path = cas;
      Path rest = cas.relativize(dir);
      int names = dir.equals(cas) ? 0 : rest.getNameCount();
      for (int i = 0; i < names; i++) {
        path = path.resolve(rest.getName(i));
        int own = i == names - 1 ? mode : SHARED;
        Fd next = enter(fd, path, walk, own);
        fd.close();
        fd = next;
      }
      return fd;
    } catch (IOException e) {
      throw closing(fd, e);
    }
  }

  private Fd enter(Fd parent, Path path, Walk walk, int mode) throws IOException {
    boolean fresh = walk == Walk.MAKE && mkdir(parent, path);
    Fd fd;
    try {
      fd = Fd.openat(kernel, parent.number(), name(path), FLAGS, 0);
    } catch (OsException e) {
      throw refused(e, path, "is no directory");
    }
    try {
      if (fresh) {
        // The umask took bits away, and mkdir(2) ignores set-gid.
        kernel.fchmod(fd.number(), mode);
        return fd;
      }
      checkOwner(kernel.fstat(fd.number()), path);
      if (walk != Walk.READ) {
        tighten(fd, mode);
      }
      return fd;
    } catch (IOException e) {
      throw closing(fd, e);
    }
  }

  private boolean mkdir(Fd parent, Path path) throws OsException {
    try {
      kernel.fstatat(parent.number(), name(path), Consts.AT_SYMLINK_NOFOLLOW);
      return false;
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw named(e, path);
      }
    }
    try {
      kernel.mkdirat(parent.number(), name(path), PRIVATE);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw named(e, path);
    }
  }

  /** Makes the store's own directory and gives it to the group, whose files inherit it. */
  void makeTop() throws IOException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, cas.toString(), PRIVATE);
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return;
      }
      throw e;
    }
    try (Fd fd = Fd.open(kernel, cas.toString(), FLAGS, 0)) {
      if (kernel.geteuid() == 0) {
        OptionalInt group = Users.host(kernel).groupId(GROUP);
        if (group.isPresent()) {
          kernel.fchown(fd.number(), 0, group.getAsInt());
        }
      }
      kernel.fchmod(fd.number(), SHARED);
    }
  }

  /** Takes from others what the mode does not give them, also of the files in the directory. */
  private void tighten(Fd dir, int mode) throws OsException {
    Stat stat = kernel.fstat(dir.number());
    int wrong = mode == PRIVATE ? 077 : WRITE_BITS | STICKY;
    boolean may = kernel.geteuid() == 0 || kernel.geteuid() == stat.uid();
    if ((stat.permissions() & wrong) == 0 || !may) {
      return;
    }
    // The directory first: then nobody changes what is looked at.
    kernel.fchmod(dir.number(), stat.permissions() & ~wrong);
    if (mode == PRIVATE) {
      return;
    }
    for (String name : kernel.list(dir.number())) {
      Stat file = kernel.fstatat(dir.number(), name, Consts.AT_SYMLINK_NOFOLLOW);
      if (file.isRegular() && owns(file) && (file.permissions() & WRITE_BITS) != 0) {
        try (Fd fd = Fd.openat(kernel, dir.number(), name, FILE_FLAGS, 0)) {
          kernel.fchmod(fd.number(), file.permissions() & ~WRITE_BITS);
        }
      }
    }
  }

  private void checkOwner(Stat stat, Path path) throws IOException {
    if (!owns(stat)) {
      throw new ForeignEntry(path, "belongs to user " + stat.uid());
    }
  }

  private static IOException refused(OsException e, Path path, String why) {
    // ENXIO: a socket.
    return e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP) || e.is(Errno.ENXIO)
        ? new ForeignEntry(path, why)
        : named(e, path);
  }

  /** People know paths, not descriptors. */
  private static OsException named(OsException e, Path path) {
    return new OsException(e.syscall(), path.toString(), e.errno());
  }

  private static IOException closing(Fd fd, IOException cause) {
    try {
      fd.close();
    } catch (OsException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
