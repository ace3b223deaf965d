package rkt.store.unpack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** xz, with its errors in our words. */
final class XzStream extends InputStream {
  /** The largest preset ({@code xz -9}) needs 65 MiB; a header may ask for 4 GiB. */
  private static final int MEMORY_KIB = 256 << 10;

  private final XZInputStream in;
  private final byte[] one = new byte[1];

  private XzStream(XZInputStream in) {
    this.in = in;
  }

  static InputStream open(InputStream in) throws IOException {
    try {
      return new XzStream(new XZInputStream(new BufferedInputStream(in, 64 << 10), MEMORY_KIB));
    } catch (XZIOException | java.io.EOFException e) {
      throw broken(e);
    }
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] b, int off, int len) throws IOException {
    try {
      return in.read(b, off, len);
    } catch (XZIOException | java.io.EOFException e) {
      throw broken(e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static ArchiveException broken(IOException e) {
    if (e instanceof MemoryLimitException) {
      return new ArchiveException(
          ArchiveException.Fault.LIMIT, "xz data needs more memory than rkt allows: " + e, e);
    }
    String why = e instanceof java.io.EOFException ? "cut short" : "damaged: " + e.getMessage();
    return new ArchiveException(ArchiveException.Fault.CORRUPT, "xz data is " + why, e);
  }
}
