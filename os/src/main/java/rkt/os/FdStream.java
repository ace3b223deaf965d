package rkt.os;

import java.io.IOException;
import java.io.InputStream;

/** Reads an open file; owns the descriptor. */
public final class FdStream extends InputStream {
  private final Kernel kernel;
  private final Fd fd;
  private final byte[] one = new byte[1];

  public FdStream(Kernel kernel, Fd fd) {
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
    int n = kernel.read(fd.number(), b, off, len);
    return n == 0 ? -1 : n;
  }

  @Override
  public void close() throws IOException {
    fd.close();
  }
}
