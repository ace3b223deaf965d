package rkt.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * One line of the {@link Catalog} in its bytes: check sum and length of the content, eight hex
 * digits each, the content (fields between tabs), a line feed. Read field by field, so that what is
 * not asked for costs nothing.
 */
final class CatalogLine {
  private static final int DIGITS = 8;
  private static final int HEAD = 2 * DIGITS;

  private final byte[] bytes;
  private final int start;
  private final int end;
  private int position;

  private CatalogLine(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.position = start;
  }

  static byte[] write(String content) {
    byte[] text = content.getBytes(StandardCharsets.UTF_8);
    CRC32 crc = new CRC32();
    crc.update(text, 0, text.length);
    HexFormat hex = HexFormat.of();
    String head = hex.toHexDigits((int) crc.getValue()) + hex.toHexDigits(text.length);
    byte[] line = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), HEAD + text.length + 1);
    System.arraycopy(text, 0, line, HEAD, text.length);
    line[line.length - 1] = '\n';
    return line;
  }

  /** Where the line after this one begins: by its length, or else behind the next line feed. */
  static int next(byte[] bytes, int start) {
    long length = hex(bytes, start + DIGITS);
    long end = start + HEAD + length;
    if (length >= 0 && end < bytes.length && bytes[(int) end] == '\n') {
      return (int) end + 1;
    }
    int next = start;
    while (next < bytes.length && bytes[next] != '\n') {
      next++;
    }
    return next + 1;
  }

  /** The first field, unverified; "" when there is no such thing. */
  static String key(byte[] bytes, int start, int next) {
    int tab = start + HEAD;
    while (tab < next - 1 && bytes[tab] != '\t') {
      tab++;
    }
    return tab < next - 1 && tab > start + HEAD
        ? new String(bytes, start + HEAD, tab - start - HEAD, StandardCharsets.ISO_8859_1)
        : "";
  }

  /** Verifies a line that {@link #next} has found. */
  static boolean isWhole(byte[] bytes, int start, int next) {
    int content = start + HEAD;
    int length = next - 1 - content;
    if (length < 0 || next > bytes.length || hex(bytes, start + DIGITS) != length) {
      return false;
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, content, length);
    return hex(bytes, start) == crc.getValue();
  }

  static CatalogLine at(byte[] bytes, int start, int next) {
    return new CatalogLine(bytes, start + HEAD, next - 1);
  }

  /** -1 when these are not eight hex digits. */
  private static long hex(byte[] bytes, int start) {
    if (start + DIGITS > bytes.length) {
      return -1;
    }
    long value = 0;
    for (int i = start; i < start + DIGITS; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  String text() {
    int from = position;
    int to = skip();
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  long number() {
    int from = position;
    int to = skip();
    boolean negative = from < to && bytes[from] == '-';
    long value = 0;
    for (int i = negative ? from + 1 : from; i < to; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return negative ? -value : value;
  }

  /**
   * Passes over a field.
   *
   * @return where it ends
   */
  int skip() {
    if (position > end) {
      throw new IndexOutOfBoundsException(position - start);
    }
    int to = position;
    while (to < end && bytes[to] != '\t') {
      to++;
    }
    position = to + 1;
    return to;
  }
}
