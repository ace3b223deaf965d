package rkt.store.unpack;

import java.nio.charset.StandardCharsets;

/**
 * File names as strings, losslessly: UTF-8, and each byte that is not UTF-8 as one lone surrogate
 * U+DC80..U+DCFF. {@code rkt.os.Kernel} turns them back into the same bytes.
 */
final class RawNames {
  private RawNames() {}

  static String decode(byte[] b, int off, int len) {
    for (int i = off; i < off + len; i++) {
      if (b[i] < 0) {
        return decodeSlowly(b, off, len);
      }
    }
    return new String(b, off, len, StandardCharsets.ISO_8859_1);
  }

  private static String decodeSlowly(byte[] b, int off, int len) {
    StringBuilder out = new StringBuilder(len);
    int i = off;
    int end = off + len;
    while (i < end) {
      int n = sequenceLength(b, i, end);
      if (n == 0) {
        out.append((char) (0xdc00 | (b[i] & 0xff)));
        i++;
      } else {
        out.append(new String(b, i, n, StandardCharsets.UTF_8));
        i += n;
      }
    }
    return out.toString();
  }

  /** The length of the valid UTF-8 sequence at i, 0 if there is none (RFC 3629, section 4). */
  private static int sequenceLength(byte[] b, int i, int end) {
    int first = b[i] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int n = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : 0;
    if (first >= 0xf0 && first <= 0xf4) {
      n = 4;
    }
    if (n == 0 || i + n > end) {
      return 0;
    }
    for (int k = 1; k < n; k++) {
      if ((b[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int second = b[i + 1] & 0xff;
    boolean overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    boolean surrogate = first == 0xed && second >= 0xa0;
    boolean tooLarge = first == 0xf4 && second >= 0x90;
    return overlong || surrogate || tooLarge ? 0 : n;
  }

  /** How many bytes the name has on disk. */
  static int byteLength(String name) {
    int bytes = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (Character.isHighSurrogate(c)) {
        bytes += 4;
        i++;
      } else if (Character.isLowSurrogate(c)) {
        bytes++;
      } else {
        bytes += 3;
      }
    }
    return bytes;
  }
}
