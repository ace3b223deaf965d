package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stream whose bytes an observer sees as they are read, and which counts them. Unlike {@code
 * DigestInputStream} it does not skip unseen bytes. Closing it leaves the stream below open.
 */
public final class ObservedStream extends InputStream {
  private final InputStream in;
  private final ObservedSource.Observer observer;
  private final byte[] one = new byte[1];

  /** Volatile: the other stage of a pipeline looks at it. One thread writes. */
  private volatile long count;

  public ObservedStream(InputStream in, ObservedSource.Observer observer) {
    this.in = in;
    this.observer = observer;
  }

  /** Bytes read so far. */
  public long count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] b, int off, int len) throws IOException {
    int n = in.read(b, off, len);
    if (n > 0) {
      count = count + n;
      observer.bytes(b, off, n);
    }
    return n;
  }

  /** Reads to the end, for the sake of the observer. */
  public void drain() throws IOException {
    byte[] scratch = new byte[64 << 10];
    while (read(scratch, 0, scratch.length) >= 0) {
      // the observer has seen them
    }
  }
}
