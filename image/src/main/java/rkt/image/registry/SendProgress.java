package rkt.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Whether the other side still takes what we send. {@code java.net.http} bounds the whole exchange
 * only, and that has to be generous for a large body: a server that reads no further, or has read
 * all and says nothing, would hold us for hours.
 *
 * <p>Time in which we are slow ourselves to read what is to be sent does not count.
 */
final class SendProgress {
  private volatile long since = System.nanoTime();
  private volatile boolean reading;

  /** A body to send, watched. */
  InputStream watch(InputStream body) {
    return new FilterInputStream(body) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        reading = true;
        try {
          return in.read(bytes, offset, length);
        } finally {
          since = System.nanoTime();
          reading = false;
        }
      }
    };
  }

  /** Whether nothing more was taken for so long. */
  boolean stalled(Duration longest) {
    return !reading && System.nanoTime() - since > longest.toNanos();
  }
}
