package rkt.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A body that a {@link Watchdog} may cut off. {@code java.net.http} bounds the wait for headers
 * only: a server that falls silent in the middle of a body would hold the reader for ever.
 *
 * <p>Only time spent waiting in a read counts, so a slow disk on our side is not mistaken for a
 * silent server.
 */
final class GuardedBody extends FilterInputStream {
  private final Watchdog watchdog;
  private final long idleNanos;
  private final long deadline;
  private volatile long waitingSince;
  private volatile boolean cut;

  /**
   * @param in null when there is none: {@code java.net.http} has no body for a refused CONNECT
   * @param deadline {@link System#nanoTime} after which the body is cut whatever it does; 0 for
   *     none
   */
  GuardedBody(@Nullable InputStream in, Watchdog watchdog, Duration idle, long deadline) {
    super(in == null ? InputStream.nullInputStream() : in);
    this.watchdog = watchdog;
    this.idleNanos = idle.toNanos();
    this.deadline = deadline;
    watchdog.watch(this);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    waitingSince = System.nanoTime() | 1;
    try {
      int count = in.read(bytes, offset, length);
      if (cut) {
        throw silent();
      }
      return count;
    } catch (IOException e) {
      throw cut ? silent() : e;
    } finally {
      waitingSince = 0;
    }
  }

  private Silence silent() {
    return new Silence(
        "no data came for " + idleNanos / 1_000_000 + " ms, or the answer took too long");
  }

  /** Called by the watchdog. */
  void check(long now) {
    long since = waitingSince;
    boolean silent = since != 0 && now - since > idleNanos;
    boolean late = deadline != 0 && since != 0 && now - deadline > 0;
    if (silent || late) {
      cut = true;
      try {
        in.close();
      } catch (IOException e) {
        // The reader is woken by the close itself and reports the silence.
      }
    }
  }

  @Override
  public void close() throws IOException {
    watchdog.forget(this);
    super.close();
  }

  /** A body that stopped coming. */
  static final class Silence extends IOException {
    private static final long serialVersionUID = 1L;

    Silence(String message) {
      super(message);
    }
  }
}
