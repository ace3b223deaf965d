package rkt.os;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An advisory lock between processes on a file or a directory, held until {@link #close}.
 *
 * <p>Why {@code flock(2)} works here: the lock belongs to the open file description, so it dies
 * with the last process that has it open (no stale locks after {@code kill -9}), and it passes
 * through {@code execve} to the supervisor, which then holds the pod's lock without any hand-over.
 *
 * <p>Between opening a path and getting the lock, another process may rename or remove what the
 * path named, and the lock would guard an inode nobody can find any more. So once locked, the path
 * is looked up again; if it names something else, this starts over, and if it is gone that is
 * ENOENT: the caller looks where it went. {@link #lock(Kernel, Fd, boolean)} skips that check for
 * callers that follow an inode through renames.
 */
public final class FileLock implements AutoCloseable {
  private static final int KEY_FILE_MODE = 0600;

  private final Kernel kernel;
  private final Fd fd;

  private FileLock(Kernel kernel, Fd fd) {
    this.kernel = kernel;
    this.fd = fd;
  }

  /** Waits for a lock that excludes only exclusive ones. */
  public static FileLock shared(Kernel kernel, Path path) throws OsException {
    return waitFor(kernel, path, Consts.LOCK_SH, Consts.O_RDONLY);
  }

  /** Waits for a lock that excludes all others. */
  public static FileLock exclusive(Kernel kernel, Path path) throws OsException {
    return waitFor(kernel, path, Consts.LOCK_EX, Consts.O_RDONLY);
  }

  /** A shared lock, or empty when somebody holds it exclusively. */
  public static Optional<FileLock> tryShared(Kernel kernel, Path path) throws OsException {
    return attempt(kernel, path, Consts.LOCK_SH, Consts.O_RDONLY);
  }

  /** An exclusive lock, or empty when somebody holds any. */
  public static Optional<FileLock> tryExclusive(Kernel kernel, Path path) throws OsException {
    return attempt(kernel, path, Consts.LOCK_EX, Consts.O_RDONLY);
  }

  /** As {@link #shared} on a key file, an empty file that is created when absent. */
  public static FileLock keyShared(Kernel kernel, Path path) throws OsException {
    return waitFor(kernel, path, Consts.LOCK_SH, Consts.O_RDWR | Consts.O_CREAT);
  }

  /** As {@link #exclusive} on a key file, an empty file that is created when absent. */
  public static FileLock keyExclusive(Kernel kernel, Path path) throws OsException {
    return waitFor(kernel, path, Consts.LOCK_EX, Consts.O_RDWR | Consts.O_CREAT);
  }

  /** As {@link #tryExclusive} on a key file, an empty file that is created when absent. */
  public static Optional<FileLock> tryKeyExclusive(Kernel kernel, Path path) throws OsException {
    return attempt(kernel, path, Consts.LOCK_EX, Consts.O_RDWR | Consts.O_CREAT);
  }

  /**
   * Waits for a lock on an open file, wherever it has been renamed to. Owns the descriptor from now
   * on, also when this fails.
   */
  public static FileLock lock(Kernel kernel, Fd fd, boolean exclusive) throws OsException {
    try {
      kernel.flock(fd.number(), exclusive ? Consts.LOCK_EX : Consts.LOCK_SH);
      return new FileLock(kernel, fd);
    } catch (OsException e) {
      throw closing(fd, e);
    }
  }

  private static FileLock waitFor(Kernel kernel, Path path, int operation, int flags)
      throws OsException {
    while (true) {
      Fd fd = open(kernel, path, flags);
      try {
        kernel.flock(fd.number(), operation);
        if (stillNamed(kernel, path, fd)) {
          return new FileLock(kernel, fd);
        }
      } catch (OsException e) {
        throw closing(fd, e);
      }
      fd.close();
    }
  }

  private static Optional<FileLock> attempt(Kernel kernel, Path path, int operation, int flags)
      throws OsException {
    while (true) {
      Fd fd = open(kernel, path, flags);
      try {
        boolean locked = kernel.tryFlock(fd.number(), operation);
        if (locked && stillNamed(kernel, path, fd)) {
          return Optional.of(new FileLock(kernel, fd));
        }
        if (!locked) {
          fd.close();
          return Optional.empty();
        }
      } catch (OsException e) {
        throw closing(fd, e);
      }
      fd.close();
    }
  }

  private static Fd open(Kernel kernel, Path path, int flags) throws OsException {
    // A lock path that became a symbolic link or a FIFO must neither redirect nor block us.
    int all = flags | Consts.O_NOFOLLOW | Consts.O_NONBLOCK | Consts.O_NOCTTY;
    return Fd.open(kernel, path.toString(), all, KEY_FILE_MODE);
  }

  private static boolean stillNamed(Kernel kernel, Path path, Fd fd) throws OsException {
    try {
      Stat named = kernel.fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW);
      return named.sameFile(kernel.fstat(fd.number()));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static OsException closing(Fd fd, OsException cause) {
    try {
      fd.close();
    } catch (OsException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  /** The locked descriptor; still owned by the lock. */
  public Fd fd() {
    return fd;
  }

  /** Lets other readers in. The kernel may let a waiting writer in first (not atomic). */
  public void toShared() throws OsException {
    kernel.flock(fd.number(), Consts.LOCK_SH);
  }

  /**
   * Shuts all others out if that is possible now. On failure the shared lock may be lost as well,
   * since {@code flock} drops it before it tries: then only {@link #close} is left.
   */
  public boolean tryToExclusive() throws OsException {
    return kernel.tryFlock(fd.number(), Consts.LOCK_EX);
  }

  /**
   * Gives the lock up for all processes that share the open file, which plain closing does not do
   * after the descriptor was inherited or duplicated.
   */
  public void release() throws OsException {
    if (fd.isOpen()) {
      try {
        kernel.flock(fd.number(), Consts.LOCK_UN);
      } finally {
        fd.close();
      }
    }
  }

  /** Closes the descriptor; a process that inherited it keeps the lock. */
  @Override
  public void close() throws OsException {
    fd.close();
  }
}
