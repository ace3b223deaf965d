package rkt.store.unpack;

/**
 * One 512-byte header block: ustar (POSIX.1-1988), GNU or v7, told apart by the magic. Every number
 * is checked where it is read, so nothing past this class sees a negative or overflowing one unless
 * it may be negative (a time).
 */
final class TarHeader {
  static final int SIZE = 512;
  private static final int CHECKSUM_OFFSET = 148;

  private final byte[] block;

  /** The block is used in place and must not change while this header is in use. */
  TarHeader(byte[] block) throws ArchiveException {
    this.block = block;
    verifyChecksum();
  }

  static boolean isZero(byte[] block) {
    for (int i = 0; i < SIZE; i++) {
      if (block[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether a block has a header's check sum. */
  static boolean isHeader(byte[] block) {
    try {
      new TarHeader(block).verifyChecksum();
      return true;
    } catch (ArchiveException e) {
      return false;
    }
  }

  /** Historic tars summed signed bytes; both are accepted, as everywhere. */
  private void verifyChecksum() throws ArchiveException {
    long stated = octal(CHECKSUM_OFFSET, 8, "checksum");
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < SIZE; i++) {
      byte b = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + 8 ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    if (stated != unsigned && stated != signed) {
      throw ArchiveException.corrupt("not a tar archive, or damaged: wrong header checksum");
    }
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  boolean isGnu() {
    return matches(257, "ustar  \0");
  }

  private boolean isUstar() {
    return matches(257, "ustar\0");
  }

  private boolean matches(int offset, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (block[offset + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  String name() {
    String name = text(0, 100);
    // Only POSIX ustar has a prefix; GNU keeps times and the sparse map there.
    if (isUstar() && block[345] != 0) {
      return text(345, 155) + "/" + name;
    }
    return name;
  }

  String linkName() {
    return text(157, 100);
  }

  int mode() throws ArchiveException {
    // Some tools store the file type here as well.
    return (int) (number(100, 8, "mode") & 07777);
  }

  long uid() throws ArchiveException {
    return number(108, 8, "uid");
  }

  long gid() throws ArchiveException {
    return number(116, 8, "gid");
  }

  long size() throws ArchiveException {
    long size = number(124, 12, "size");
    if (size < 0) {
      throw ArchiveException.corrupt("negative size of entry " + EntryPath.quote(name()));
    }
    return size;
  }

  long modified() throws ArchiveException {
    return number(136, 12, "mtime");
  }

  long devMajor() throws ArchiveException {
    return isUstar() || isGnu() ? number(329, 8, "device major") : 0;
  }

  long devMinor() throws ArchiveException {
    return isUstar() || isGnu() ? number(337, 8, "device minor") : 0;
  }

  long sparseNumber(int offset) throws ArchiveException {
    long value = number(offset, 12, "sparse map");
    if (value < 0) {
      throw ArchiveException.corrupt("negative number in a sparse map");
    }
    return value;
  }

  private String text(int offset, int length) {
    int n = 0;
    while (n < length && block[offset + n] != 0) {
      n++;
    }
    return RawNames.decode(block, offset, n);
  }

  /**
   * Octal, or base-256 (GNU) when the first byte's top bit is set: two's complement, big endian.
   */
  private long number(int offset, int length, String what) throws ArchiveException {
    return number(block, offset, length, what);
  }

  static long number(byte[] b, int offset, int length, String what) throws ArchiveException {
    if ((b[offset] & 0x80) == 0) {
      return octal(b, offset, length, what);
    }
    boolean negative = (b[offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int octet = b[offset + i] & 0xff;
      if (i == 0) {
        octet = negative ? octet | 0x80 : octet & 0x7f;
      }
      long shifted = (value << 8) | octet;
      if (shifted >> 8 != value) {
        throw ArchiveException.corrupt(what + " in a tar header is out of range");
      }
      value = shifted;
    }
    return value;
  }

  private long octal(int offset, int length, String what) throws ArchiveException {
    return octal(block, offset, length, what);
  }

  private static long octal(byte[] b, int offset, int length, String what) throws ArchiveException {
    int i = offset;
    int end = offset + length;
    while (i < end && (b[i] == ' ' || b[i] == 0)) {
      i++;
    }
    long value = 0;
    while (i < end && b[i] >= '0' && b[i] <= '7') {
      value = value << 3 | (b[i] - '0');
      i++;
    }
    while (i < end && (b[i] == ' ' || b[i] == 0)) {
      i++;
    }
    if (i != end) {
      throw ArchiveException.corrupt(
          "not a tar archive, or damaged: " + what + " in a header is no number");
    }
    return value;
  }
}
