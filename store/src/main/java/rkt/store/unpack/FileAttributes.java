package rkt.store.unpack;

import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.store.unpack.TarEntry.Time;
import rkt.store.unpack.TarEntry.Type;
import rkt.store.unpack.TarEntry.Xattr;

/** Sets what an entry says about a file, through one descriptor and in the one order that works. */
final class FileAttributes {
  private final Kernel kernel;

  /** Only root can give files away. */
  private final boolean chown;

  private int dropped;

  FileAttributes(Kernel kernel) {
    this.kernel = kernel;
    this.chown = kernel.geteuid() == 0;
  }

  /** Attributes the file system could not take. */
  int dropped() {
    return dropped;
  }

  /** Owner first: it clears set-id bits and file capabilities. */
  void set(int fd, TarEntry entry) throws OsException, ArchiveException {
    if (chown) {
      kernel.fchown(fd, entry.uid(), entry.gid());
    }
    for (Xattr xattr : entry.xattrs()) {
      if (wanted(xattr.name(), entry)) {
        set(fd, xattr);
      }
    }
    kernel.fchmod(fd, entry.mode());
  }

  void times(int fd, TarEntry entry) throws OsException {
    Time a = entry.accessed();
    Time m = entry.modified();
    kernel.utimensat(fd, null, a.seconds(), a.nanos(), m.seconds(), m.nanos(), 0);
  }

  /** Owner and times of what cannot be opened: links and device nodes. */
  void setUnfollowed(int parent, String name, TarEntry entry) throws OsException, ArchiveException {
    for (Xattr xattr : entry.xattrs()) {
      wanted(xattr.name(), entry);
    }
    if (chown) {
      kernel.fchownat(parent, name, entry.uid(), entry.gid(), Consts.AT_SYMLINK_NOFOLLOW);
    }
    Time a = entry.accessed();
    Time m = entry.modified();
    kernel.utimensat(
        parent, name, a.seconds(), a.nanos(), m.seconds(), m.nanos(), Consts.AT_SYMLINK_NOFOLLOW);
  }

  /**
   * Capabilities and user attributes are content. Overlay attributes are the engine's own: one from
   * an archive could redirect a directory or forge a whiteout. The rest (SELinux labels, ACLs) is
   * of the machine that made the image.
   */
  private static boolean wanted(String name, TarEntry entry) throws ArchiveException {
    if (name.startsWith("trusted.") || name.startsWith("user.overlay.")) {
      throw ArchiveException.refused(
          "entry "
              + EntryPath.quote(entry.name())
              + " sets the reserved attribute "
              + EntryPath.quote(name));
    }
    if (name.equals("security.capability")) {
      return entry.type() == Type.REGULAR;
    }
    boolean carries = entry.type() == Type.REGULAR || entry.type() == Type.DIRECTORY;
    return carries && name.startsWith("user.") && name.indexOf(0) < 0;
  }

  private void set(int fd, Xattr xattr) throws OsException {
    try {
      kernel.fsetxattr(fd, xattr.name(), xattr.value(), 0);
    } catch (OsException e) {
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
      dropped++;
    }
  }
}
