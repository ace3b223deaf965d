package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;

/**
 * What has arrived of a download, kept in {@code partial/} until it is complete, so that the next
 * process goes on where this one was killed. Held exclusively, by a lock on the file itself: while
 * it is held nobody else downloads the same thing, and gc leaves it alone.
 *
 * <p>Nothing is flushed while bytes arrive: a killed process loses none of them. After a power loss
 * the end of the file may be anything, so whoever uses kept bytes verifies the whole and, when it
 * is wrong, starts again from nothing.
 */
public final class PartialDownload implements AutoCloseable {
  /** No key yields such a name: an escape is followed by hex digits. */
  static final String NOTE_PREFIX = "%note-";

  private static final int MAX_NOTE_BYTES = 64 << 10;

  private final Kernel kernel;
  private final Path path;
  private final FileLock lock;

  private PartialDownload(Kernel kernel, Path path, FileLock lock) {
    this.kernel = kernel;
    this.path = path;
    this.lock = lock;
  }

  static PartialDownload open(Layout layout, String key, Runnable waiting) throws IOException {
    layout.prepare();
    Path path = layout.partials().resolve(SafeName.of(key));
    return new PartialDownload(
        layout.kernel(), path, LockWait.exclusive(layout.kernel(), path, waiting));
  }

  Fd fd() {
    return lock.fd();
  }

  Path path() {
    return path;
  }

  Kernel kernel() {
    return kernel;
  }

  /** Bytes kept. */
  public long size() throws IOException {
    return kernel.fstat(fd().number()).size();
  }

  /** What was noted about the source of the bytes (entity tag, time of change, URL). */
  public Optional<String> note() throws IOException {
    try {
      return Optional.of(SmallFiles.readText(kernel, notePath().toString(), MAX_NOTE_BYTES));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EFBIG)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * @param text written by the caller for itself; at most 64 KiB
   */
  public void note(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_NOTE_BYTES) {
      throw new IOException("what is to be remembered of a download is too long");
    }
    AtomicFiles.replace(kernel, notePath(), bytes, 0600);
  }

  /** The bytes kept, from the first on. Independent of appending: it ends where the file ends. */
  public InputStream read() {
    return new Kept(kernel, fd());
  }

  /** Adds bytes at the end. Closing it closes nothing. */
  public OutputStream append() throws IOException {
    kernel.lseek(fd().number(), size(), Consts.SEEK_SET);
    return new Appended(kernel, fd());
  }

  /** Forgets all bytes and the note; the lock stays. */
  public void reset() throws IOException {
    unlink(notePath());
    kernel.ftruncate(fd().number(), 0);
    kernel.lseek(fd().number(), 0, Consts.SEEK_SET);
  }

  /** Removes it, for a download that is complete or worthless. Then only closing is left. */
  public void discard() throws IOException {
    unlink(notePath());
    unlink(path);
  }

  private Path notePath() {
    return path.resolveSibling(NOTE_PREFIX + path.getFileName());
  }

  private void unlink(Path file) throws OsException {
    try {
      kernel.unlinkat(Consts.AT_FDCWD, file.toString(), 0);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** Keeps what arrived for the next attempt; a file without a byte is no use to anybody. */
  @Override
  public void close() throws EngineException {
    if (!fd().isOpen()) {
      return;
    }
    try (lock) {
      if (size() == 0 && isNamed()) {
        discard();
      }
    } catch (IOException e) {
      throw StoreFailures.of("keep what was downloaded in " + path, e);
    }
  }

  /** Whether the path is still this file: once discarded, another process may have made its own. */
  private boolean isNamed() throws OsException {
    try {
      return kernel
          .fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW)
          .sameFile(kernel.fstat(fd().number()));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static final class Kept extends InputStream {
    private final Kernel kernel;
    private final Fd fd;
    private final byte[] one = new byte[1];
    private long position;

    Kept(Kernel kernel, Fd fd) {
      this.kernel = kernel;
      this.fd = fd;
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      if (len == 0) {
        return 0;
      }
      int n = kernel.pread(fd.number(), b, off, len, position);
      position += n;
      return n == 0 ? -1 : n;
    }
  }

  private static final class Appended extends OutputStream {
    private final Kernel kernel;
    private final Fd fd;

    Appended(Kernel kernel, Fd fd) {
      this.kernel = kernel;
      this.fd = fd;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      kernel.write(fd.number(), b, off, len);
    }
  }
}
