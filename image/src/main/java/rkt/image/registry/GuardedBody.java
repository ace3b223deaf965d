package rkt.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body that a {@link Watchdog} may cut off. {@code java.net.http} bounds the wait for headers
 * only: a server that falls silent in the middle of a body, or drips it, would hold the reader for
 * ever.
 *
 * <p>Only time spent waiting in a read counts, so a slow disk on our side is not mistaken for a
 * slow server.
 */
final class GuardedBody extends FilterInputStream {
  private final Watchdog watchdog;
  private final long idleNanos;
  private final long leastBytes;
  private final long deadline;

  /** When the read that waits now began; 0 while none does. */
  private volatile long waitingSince;

  /** Time in finished reads since the last {@link #leastBytes} had come. Changed by the reader. */
  private volatile long waited;

  /** What came in that time. */
  private volatile long came;

  private volatile @Nullable Silence cut;

  /**
   * @param in null when there is none: {@code java.net.http} has no body for a refused CONNECT
   * @param deadline {@link System#nanoTime} after which the body is cut whatever it does; 0 for
   *     none
   */
  GuardedBody(@Nullable InputStream in, Watchdog watchdog, RegistryLimits limits, long deadline) {
    super(in == null ? InputStream.nullInputStream() : in);
    this.watchdog = watchdog;
    this.idleNanos = limits.idle().toNanos();
    this.leastBytes = limits.leastBytes();
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
    long start = System.nanoTime() | 1;
    waitingSince = start;
    try {
      int count = in.read(bytes, offset, length);
      throwIfCut();
      progress(System.nanoTime() - start, count);
      return count;
    } catch (IOException e) {
      throwIfCut();
      throw e;
    } finally {
      waitingSince = 0;
    }
  }

  private void throwIfCut() throws Silence {
    Silence why = cut;
    if (why != null) {
      throw why;
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one reader; the watchdog only looks
  private void progress(long nanos, int count) {
    came += Math.max(count, 0);
    waited += nanos;
    if (came >= leastBytes) {
      came = 0;
      waited = 0;
    }
  }

  /** Called by the watchdog. */
  void check(long now) {
    long since = waitingSince;
    if (since == 0) {
      return;
    }
    if (deadline != 0 && now - deadline > 0) {
      cut(new Silence("the answer took too long"));
    } else if (waited + (now - since) > idleNanos) {
      long millis = idleNanos / 1_000_000;
      cut(
          new Silence(
              came == 0
                  ? "no data came for " + millis + " ms"
                  : "no more than " + came + " bytes came in " + millis + " ms"));
    }
  }

  private void cut(Silence why) {
    cut = why;
    try {
      in.close();
    } catch (IOException e) {
      // The reader is woken by the close itself and reports the silence.
    }
  }

  @Override
  public void close() throws IOException {
    watchdog.forget(this);
    super.close();
  }

  /** A body that stopped coming, or nearly so. */
  static final class Silence extends IOException {
    private static final long serialVersionUID = 1L;

    Silence(String message) {
      super(message);
    }
  }
}
