package rkt.pod;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.appc.PodUuid;

/**
 * One pod, held by a descriptor on its directory.
 *
 * <p>The descriptor follows the inode through every rename, so the {@code flock} taken on it is the
 * pod's lock wherever the directory goes, and it dies with the process that inherited it, the
 * supervisor, which takes the pod's processes with it. Only the holder of the exclusive lock may
 * move or remove the directory. Not for use by several threads at once.
 */
public final class Pod implements AutoCloseable {
  /** Bound on waiting for those who only look: each looks for microseconds. */
  private static final int LOOKER_RETRIES = 2000;

  private final Kernel kernel;
  private final Path podsDir;
  private final PodUuid uuid;
  private final Fd fd;
  private PodDirectory directory;

  Pod(Kernel kernel, Path podsDir, PodUuid uuid, Fd fd, PodDirectory directory) {
    this.kernel = kernel;
    this.podsDir = podsDir;
    this.uuid = uuid;
    this.fd = fd;
    this.directory = directory;
  }

  public PodUuid uuid() {
    return uuid;
  }

  /** Where it was when last looked at; certain only while this object holds the exclusive lock. */
  public PodDirectory directory() {
    return directory;
  }

  /** The pod's directory; see {@link #directory()} about how long that is true. */
  public Path path() {
    return podsDir.resolve(directory.dirName()).resolve(uuid.value());
  }

  /** The open pod directory, which carries the lock. */
  int fd() {
    return fd.number();
  }

  /**
   * Takes the exclusive lock if no one holds it. Others may hold a shared one for a moment to look
   * at the state: those are waited for, so that {@code rkt list} in a loop never makes {@code rkt
   * rm} fail.
   */
  boolean tryLock() throws OsException {
    for (int i = 0; i < LOOKER_RETRIES; i++) {
      if (kernel.tryFlock(fd.number(), Consts.LOCK_EX)) {
        return true;
      }
      if (isLocked()) {
        return false;
      }
      pause();
    }
    return false;
  }

  /** Whether somebody holds the exclusive lock. */
  boolean isLocked() throws OsException {
    if (kernel.tryFlock(fd.number(), Consts.LOCK_SH)) {
      kernel.flock(fd.number(), Consts.LOCK_UN);
      return false;
    }
    return true;
  }

  void unlock() throws OsException {
    kernel.flock(fd.number(), Consts.LOCK_UN);
  }

  /** Whether the directory still is where {@link #directory()} says. */
  boolean inPlace() throws OsException {
    try {
      Stat there = kernel.fstatat(Consts.AT_FDCWD, path().toString(), Consts.AT_SYMLINK_NOFOLLOW);
      return there.sameFile(kernel.fstat(fd.number()));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /** Finds the directory again after somebody moved it; false when it is gone. */
  boolean relocate() throws OsException {
    for (PodDirectory candidate : PodDirectory.values()) {
      directory = candidate;
      if (inPlace()) {
        return true;
      }
    }
    return false;
  }

  /**
   * What the pod is doing. Place and lock are two looks, and the pod may move between them
   * (prepared is unlocked just after the move), so the answer counts only if the directory stayed
   * in place; else look again.
   *
   * @return null when the pod is gone
   */
  @Nullable PodState state() throws OsException {
    while (true) {
      boolean locked = isLocked();
      if (inPlace()) {
        return directory.state(locked);
      }
      if (!relocate()) {
        return null;
      }
    }
  }

  /**
   * Moves the directory; only for the holder of the exclusive lock.
   *
   * <p>Durable when this returns, but for the two moves on the way to a running pod: after a power
   * loss that pod runs no more wherever its directory is found, gc reclaims all the places it can
   * be in, and the two waits for the disk took 8 ms of every start, measured on ext4 on an SSD.
   */
  void move(PodDirectory target) throws OsException {
    Path to = podsDir.resolve(target.dirName());
    kernel.renameat2(
        Consts.AT_FDCWD,
        path().toString(),
        Consts.AT_FDCWD,
        to.resolve(uuid.value()).toString(),
        Consts.RENAME_NOREPLACE);
    directory = target;
    if (target == PodDirectory.PREPARE || target == PodDirectory.RUN) {
      return;
    }
    try (Fd dir = Fd.directory(kernel, to.toString())) {
      kernel.fsync(dir.number());
    }
  }

  @Override
  public void close() throws OsException {
    fd.close();
  }

  private static void pause() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
