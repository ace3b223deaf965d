package rkt.store;

import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.ImageId;

/**
 * Held while the record of one image is read, changed and written. Closing removes the file: who
 * waits for it notices that the name is gone and makes a new one.
 */
final class RecordLock implements AutoCloseable {
  private final Kernel kernel;
  private final Path path;
  private final FileLock lock;

  RecordLock(Layout layout, ImageId id) throws OsException {
    this.kernel = layout.kernel();
    this.path = layout.imageLocks().resolve("record-" + id.value());
    this.lock = FileLock.keyExclusive(kernel, path);
  }

  @Override
  public void close() throws OsException {
    try (lock) {
      kernel.unlinkat(Consts.AT_FDCWD, path.toString(), 0);
    }
  }
}
