package rkt.os;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * File names as Java strings without loss: UTF-8, where each byte that is not part of a valid
 * sequence becomes one lone surrogate U+DC80..U+DCFF (as Python's {@code surrogateescape}). The
 * native library does the same for every path that crosses it.
 */
public final class FileNames {
  private static final int ESCAPE = 0xdc00;

  private FileNames() {}

  /** The string for a name, or for a path, given as bytes. */
  public static String decode(byte[] b, int off, int len) {
    StringBuilder s = new StringBuilder(len);
    int end = off + len;
    int i = off;
    while (i < end) {
      int length = sequenceLength(b, i, end);
      if (length == 0) {
        s.append((char) (ESCAPE | (b[i] & 0xff)));
        i++;
      } else {
        s.append(new String(b, i, length, StandardCharsets.UTF_8));
        i += length;
      }
    }
    return s.toString();
  }

  /**
   * The bytes of a name; the inverse of {@link #decode}. Other lone surrogates become {@code ?}.
   */
  public static byte[] encode(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(name.length() + 8);
    int i = 0;
    while (i < name.length()) {
      char c = name.charAt(i);
      if (c >= 0xdc80 && c <= 0xdcff) {
        out.write(c & 0xff);
        i++;
      } else {
        int next = i + Character.charCount(name.codePointAt(i));
        out.writeBytes(name.substring(i, next).getBytes(StandardCharsets.UTF_8));
        i = next;
      }
    }
    return out.toByteArray();
  }

  /**
   * The length of the valid UTF-8 sequence at {@code i} (Unicode 3.9 table 3-7), 0 when there is
   * none.
   */
  private static int sequenceLength(byte[] b, int i, int end) {
    int first = b[i] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || i + length > end) {
      return 0;
    }
    int second = b[i + 1] & 0xff;
    int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) {
      return 0;
    }
    for (int k = 2; k < length; k++) {
      if ((b[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
