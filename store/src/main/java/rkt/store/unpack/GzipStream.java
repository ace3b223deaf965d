package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * gzip (RFC 1952) with any number of members, straight into the reader's buffer.
 *
 * <p>The JDK's {@code GZIPInputStream} decides by {@code available()} whether another member
 * follows, which over a network silently cuts off layers made of many members (eStargz, pigz), and
 * it ignores garbage at the end. This one reads to the end and refuses garbage other than zero
 * padding.
 */
final class GzipStream extends InputStream {
  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer = new byte[64 << 10];
  private final byte[] one = new byte[1];
  private int position;
  private int limit;
  private boolean ended;

  GzipStream(InputStream in) throws IOException {
    this.in = in;
    if (!fill()) {
      throw ArchiveException.corrupt("gzip data is cut short");
    }
    header();
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
    while (!ended) {
      int n;
      try {
        n = inflater.inflate(b, off, len);
      } catch (DataFormatException e) {
        throw new ArchiveException(
            ArchiveException.Fault.CORRUPT, "gzip data is damaged: " + e.getMessage(), e);
      }
      if (n > 0) {
        crc.update(b, off, n);
        return n;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw ArchiveException.corrupt("gzip data is damaged: asks for a dictionary");
      } else {
        if (!fill()) {
          throw ArchiveException.corrupt("gzip data is cut short");
        }
        inflater.setInput(buffer, 0, limit);
        position = limit;
      }
    }
    return -1;
  }

  @Override
  public void close() {
    inflater.end();
  }

  private void endMember() throws IOException {
    position = limit - inflater.getRemaining();
    long written = inflater.getBytesWritten();
    if (littleEndian() != crc.getValue() || littleEndian() != (written & 0xffffffffL)) {
      throw ArchiveException.corrupt("gzip data is damaged: wrong check sum");
    }
    if (position == limit && !fill()) {
      ended = true;
      return;
    }
    if (buffer[position] == 0) {
      zeroPadding();
      return;
    }
    header();
  }

  private void zeroPadding() throws IOException {
    do {
      while (position < limit) {
        if (buffer[position++] != 0) {
          throw ArchiveException.corrupt("garbage after the end of gzip data");
        }
      }
    } while (fill());
    ended = true;
  }

  private void header() throws IOException {
    if (octet() != 0x1f || octet() != 0x8b) {
      throw ArchiveException.corrupt("garbage after the end of gzip data");
    }
    int method = octet();
    int flags = octet();
    if (method != 8 || (flags & 0xe0) != 0) {
      throw ArchiveException.corrupt("gzip data is damaged: unknown method or flags");
    }
    skip(6);
    if ((flags & 4) != 0) {
      skip(octet() | octet() << 8);
    }
    if ((flags & 8) != 0) {
      skipText();
    }
    if ((flags & 16) != 0) {
      skipText();
    }
    if ((flags & 2) != 0) {
      skip(2);
    }
    inflater.reset();
    crc.reset();
    inflater.setInput(buffer, position, limit - position);
    position = limit;
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      octet();
    }
  }

  private void skipText() throws IOException {
    for (int i = 0; i < UnpackLimits.MAX_META_BYTES; i++) {
      if (octet() == 0) {
        return;
      }
    }
    throw ArchiveException.corrupt("gzip data is damaged: endless name in the header");
  }

  private long littleEndian() throws IOException {
    long value = octet();
    value |= (long) octet() << 8;
    value |= (long) octet() << 16;
    return value | (long) octet() << 24;
  }

  private int octet() throws IOException {
    if (position == limit && !fill()) {
      throw ArchiveException.corrupt("gzip data is cut short");
    }
    return buffer[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(in.read(buffer, 0, buffer.length), 0);
    return limit > 0;
  }
}
