package rkt.os;

import java.nio.file.Path;

/**
 * Changes of the file system that are whole after a crash: the old state or the new, never another.
 *
 * <p>Data is flushed before the rename that publishes it (else a power loss may leave an empty file
 * under the final name), and the directory after it (else the rename itself may be lost).
 */
public final class AtomicFiles {
  /** Temporary names start so; whoever finds one without a live writer may delete it. */
  public static final String TEMPORARY_PREFIX = ".tmp-";

  private AtomicFiles() {}

  /**
   * Creates or replaces a file, durably.
   *
   * @param mode permissions, exactly (the umask does not apply)
   */
  public static void writeAtomically(Kernel kernel, Path path, byte[] content, int mode)
      throws OsException {
    write(kernel, path, content, mode, true);
  }

  /**
   * Creates or replaces a file in one step for all who read it, without waiting for the disk: after
   * a power loss it may be the old file, the new or empty. For what is worthless after a reboot.
   */
  public static void replace(Kernel kernel, Path path, byte[] content, int mode)
      throws OsException {
    write(kernel, path, content, mode, false);
  }

  private static void write(Kernel kernel, Path path, byte[] content, int mode, boolean durable)
      throws OsException {
    try (Fd dir = Fd.directory(kernel, parent(path))) {
      String temporary = temporaryName(kernel);
      int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
      Fd created = Fd.openat(kernel, dir.number(), temporary, flags, 0600);
      try {
        try (Fd file = created) {
          kernel.write(file.number(), content, 0, content.length);
          kernel.fchmod(file.number(), mode);
          if (durable) {
            kernel.fsync(file.number());
          }
        }
        kernel.renameat2(dir.number(), temporary, dir.number(), name(path), 0);
      } catch (OsException e) {
        throw discarding(kernel, dir, temporary, named(e, path));
      }
      if (durable) {
        kernel.fsync(dir.number());
      }
    }
  }

  /**
   * Renames a file or directory, replacing a file or empty directory, and waits until both
   * directories are on disk. The content must have been flushed before.
   */
  public static void rename(Kernel kernel, Path from, Path to) throws OsException {
    kernel.renameat2(Consts.AT_FDCWD, from.toString(), Consts.AT_FDCWD, to.toString(), 0);
    syncRename(kernel, from, to);
  }

  /**
   * As {@link #rename}, but never replaces.
   *
   * @return false when something already has the new name
   */
  public static boolean renameNew(Kernel kernel, Path from, Path to) throws OsException {
    try {
      kernel.renameat2(
          Consts.AT_FDCWD,
          from.toString(),
          Consts.AT_FDCWD,
          to.toString(),
          Consts.RENAME_NOREPLACE);
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
    syncRename(kernel, from, to);
    return true;
  }

  private static void syncRename(Kernel kernel, Path from, Path to) throws OsException {
    String source = parent(from);
    String target = parent(to);
    syncDirectory(kernel, target);
    if (!source.equals(target)) {
      syncDirectory(kernel, source);
    }
  }

  /** Waits until the names in a directory are on disk. */
  public static void syncDirectory(Kernel kernel, Path dir) throws OsException {
    syncDirectory(kernel, dir.toString());
  }

  private static void syncDirectory(Kernel kernel, String dir) throws OsException {
    try (Fd fd = Fd.directory(kernel, dir)) {
      kernel.fsync(fd.number());
    }
  }

  private static String temporaryName(Kernel kernel) {
    // Process, thread and time: unique among the living, and O_EXCL refuses the rest.
    return TEMPORARY_PREFIX
        + kernel.getpid()
        + '-'
        + Thread.currentThread().threadId()
        + '-'
        + Long.toHexString(System.nanoTime());
  }

  private static OsException discarding(Kernel kernel, Fd dir, String name, OsException cause) {
    try {
      kernel.unlinkat(dir.number(), name, 0);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        cause.addSuppressed(e);
      }
    }
    return cause;
  }

  /** Users know the final path, not the descriptor or the temporary name. */
  private static OsException named(OsException e, Path path) {
    OsException renamed = new OsException(e.syscall(), path.toString(), e.errno());
    renamed.addSuppressed(e);
    return renamed;
  }

  private static String parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? "." : parent.toString();
  }

  private static String name(Path path) throws OsException {
    Path name = path.getFileName();
    if (name == null) {
      throw new OsException("rename", path.toString(), Errno.EISDIR);
    }
    return name.toString();
  }
}
