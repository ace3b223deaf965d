package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** How an archive is compressed, told by its first bytes and never by its name or media type. */
public enum Compression {
  NONE,
  GZIP,
  BZIP2,
  XZ,
  ZSTD;

  /** Enough for the magic of a tar archive at offset 257. */
  private static final int SNIFF_BYTES = TarHeader.SIZE;

  /**
   * Inflates a tar archive of any compression.
   *
   * @param what names the archive in messages
   * @throws ArchiveException when it is neither a tar archive nor compressed data
   */
  public static InputStream openTar(InputStream raw, String what) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, SNIFF_BYTES);
    byte[] head = in.readNBytes(SNIFF_BYTES);
    in.unread(head);
    return sniff(head, what).inflate(in);
  }

  static Compression sniff(byte[] head, String what) throws ArchiveException {
    if (starts(head, 0x1f, 0x8b)) {
      return GZIP;
    }
    if (starts(head, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    if (starts(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return XZ;
    }
    if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return ZSTD;
    }
    // A skippable zstd frame may come first (zstd:chunked, seekable zstd).
    if (head.length >= 4
        && (head[0] & 0xf0) == 0x50
        && head[1] == 0x2a
        && head[2] == 0x4d
        && head[3] == 0x18) {
      return ZSTD;
    }
    if (isTar(head)) {
      return NONE;
    }
    throw ArchiveException.corrupt(
        isText(head)
            ? "error: " + what + " is a text file, not an image"
            : head.length == 0 ? "error: " + what + " is empty" : "error: unknown image filetype");
  }

  /** The inflated bytes of {@code in}. A bomb is the reader's to stop, see {@link BombGuard}. */
  InputStream inflate(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GzipStream(in);
      case BZIP2 -> new Bzip2Stream(in);
      // Each in a class of its own, so that no library is loaded before it is needed.
      case XZ -> XzStream.open(in);
      case ZSTD -> ZstdStream.open(in);
    };
  }

  private static boolean starts(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTar(byte[] head) {
    if (head.length < TarHeader.SIZE) {
      return false;
    }
    // An empty archive is nothing but zeros; a v7 archive has a check sum but no magic; a damaged
    // one is told as such by the reader.
    boolean magic = head[257] == 'u' && head[258] == 's' && head[259] == 't' && head[260] == 'a';
    return magic || TarHeader.isZero(head) || TarHeader.isHeader(head);
  }

  private static boolean isText(byte[] head) {
    for (byte b : head) {
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b) {
        return false;
      }
    }
    return head.length > 0;
  }
}
