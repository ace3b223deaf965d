package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import rkt.os.OsException;
import rkt.schema.EngineException;

/**
 * Room on the store's disk for somebody's work: private to root, out of gc's way while it is open,
 * gone when it is closed, and gc's to remove when its process was killed.
 */
public final class Scratch implements AutoCloseable {
  private final Lease lease;

  Scratch(Layout layout) throws EngineException {
    try {
      this.lease = Lease.begin(layout);
    } catch (IOException e) {
      throw StoreFailures.of("write to the image store " + layout.cas(), e);
    }
  }

  /** A fresh name, for a file or a directory. */
  public Path path() {
    return lease.temporary();
  }

  @Override
  public void close() throws EngineException {
    try {
      lease.close();
    } catch (OsException e) {
      throw StoreFailures.of("remove temporary files of the image store", e);
    }
  }
}
