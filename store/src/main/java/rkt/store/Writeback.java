package rkt.store;

import org.jspecify.annotations.Nullable;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;

/**
 * Brings what an import writes to the disk while the import goes on: the flush at its end, for
 * which everybody waits and during which the processors are idle, then finds little left to do.
 *
 * <p>One descriptor from the first write to the last flush: {@code syncfs(2)} reports each failure
 * to write back once per open file, and none from before the file was opened. So a failure seen on
 * the way is kept, and is the flush's.
 *
 * <p>{@link #wrote} may be called from any thread.
 */
final class Writeback implements AutoCloseable {
  /** Bytes between two flushes: rare enough to cost nothing, often enough to leave little. */
  static final long STEP = 64L << 20;

  private final Kernel kernel;
  private final Fd fileSystem;
  private long pending;
  private @Nullable Thread running;
  private @Nullable OsException failure;

  Writeback(Layout layout) throws OsException {
    this.kernel = layout.kernel();
    this.fileSystem = Fd.directory(kernel, layout.cas().toString());
  }

  /** Counts bytes; enough of them start a flush in the background, unless one is running. */
  synchronized void wrote(long bytes) {
    pending += bytes;
    if (pending < STEP || running != null) {
      return;
    }
    pending = 0;
    running = Thread.ofPlatform().name("writeback").daemon().start(this::inBackground);
  }

  private void inBackground() {
    OsException failed = null;
    try {
      kernel.syncfs(fileSystem.number());
    } catch (OsException e) {
      failed = e;
    }
    synchronized (this) {
      failure = failure == null ? failed : failure;
      running = null;
      notifyAll();
    }
  }

  /** Returns when all that was written before is on the disk. */
  void flush() throws OsException {
    awaitBackground();
    kernel.syncfs(fileSystem.number());
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  private synchronized void awaitBackground() {
    boolean interrupted = false;
    while (running != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws OsException {
    awaitBackground();
    fileSystem.close();
  }
}
