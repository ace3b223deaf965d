package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;

/**
 * Only one process at a time does this piece of work; those that come later wait and then find its
 * result in the store. Dies with its process. Closing removes the file: who waits for it notices
 * that the name is gone and makes a new one.
 */
public final class PullLock implements AutoCloseable {
  private final Kernel kernel;
  private final Path path;
  private final FileLock lock;

  private PullLock(Kernel kernel, Path path, FileLock lock) {
    this.kernel = kernel;
    this.path = path;
    this.lock = lock;
  }

  static PullLock take(Layout layout, String key, Runnable waiting) throws IOException {
    layout.prepare();
    Path path = layout.imageLocks().resolve(SafeName.of(key));
    return new PullLock(layout.kernel(), path, LockWait.exclusive(layout.kernel(), path, waiting));
  }

  @Override
  public void close() throws EngineException {
    try (lock) {
      kernel.unlinkat(Consts.AT_FDCWD, path.toString(), 0);
    } catch (OsException e) {
      throw StoreFailures.of("release the lock " + path, e);
    }
  }
}
