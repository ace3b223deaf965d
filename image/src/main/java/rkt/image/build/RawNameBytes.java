package rkt.image.build;

import java.io.ByteArrayOutputStream;

/**
 * File names back to the bytes they are on disk: UTF-8, and one byte for each lone surrogate
 * U+DC80..U+DCFF.
 */
final class RawNameBytes {
  private RawNameBytes() {}

  static byte[] encode(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(name.length() + 8);
    int i = 0;
    while (i < name.length()) {
      int c = name.codePointAt(i);
      i += Character.charCount(c);
      if (c < 0x80) {
        out.write(c);
      } else if (c >= 0xdc80 && c <= 0xdcff) {
        out.write(c & 0xff);
      } else if (c < 0x800) {
        out.write(0xc0 | (c >> 6));
        out.write(0x80 | (c & 0x3f));
      } else if (c < 0x10000) {
        out.write(0xe0 | (c >> 12));
        out.write(0x80 | ((c >> 6) & 0x3f));
        out.write(0x80 | (c & 0x3f));
      } else {
        out.write(0xf0 | (c >> 18));
        out.write(0x80 | ((c >> 12) & 0x3f));
        out.write(0x80 | ((c >> 6) & 0x3f));
        out.write(0x80 | (c & 0x3f));
      }
    }
    return out.toByteArray();
  }
}
