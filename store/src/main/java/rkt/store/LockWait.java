package rkt.store;

import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Optional;
import rkt.os.FileLock;
import rkt.os.Kernel;

/**
 * Waiting for a lock that another process may hold for minutes. A blocked {@code flock(2)} cannot
 * be interrupted from Java, and a failed layer has to stop those that wait: so this asks again and
 * again.
 */
final class LockWait {
  private static final int FIRST_MILLIS = 5;
  private static final int LONGEST_MILLIS = 100;

  private LockWait() {}

  /**
   * @param waiting called once when the lock is taken, before waiting for it
   */
  static FileLock exclusive(Kernel kernel, Path key, Runnable waiting)
      throws rkt.os.OsException, InterruptedIOException {
    Optional<FileLock> lock = FileLock.tryKeyExclusive(kernel, key);
    if (lock.isPresent()) {
      return lock.get();
    }
    waiting.run();
    int pause = FIRST_MILLIS;
    while (lock.isEmpty()) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while another rkt held it");
      }
      pause = Math.min(2 * pause, LONGEST_MILLIS);
      lock = FileLock.tryKeyExclusive(kernel, key);
    }
    return lock.get();
  }
}
