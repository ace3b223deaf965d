package rkt.image.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import rkt.image.build.TarFile.Kind;

/**
 * Writes ustar with pax headers where ustar is too small (POSIX.1-2017, pax, "ustar Interchange
 * Format").
 *
 * <p>Our own rather than a library's, because extended attributes are bytes ({@code
 * security.capability} is a binary structure) and file names may be any bytes; the usual Java
 * writers take both for text and damage them.
 */
public final class TarWriter {
  static final int BLOCK = 512;
  private static final long MAX_OCTAL_7 = 0_7777777L;
  private static final long MAX_OCTAL_11 = 0_77777777777L;
  private static final int NAME = 100;
  private static final byte[] ZEROS = new byte[BLOCK];

  private final OutputStream out;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Supplies exactly as many bytes as the file's size says. */
  public interface Content {
    void copyTo(OutputStream out) throws IOException;
  }

  /** Writes one entry with its content. */
  public void entry(TarFile file, Content content) throws IOException {
    byte[] name =
        RawNameBytes.encode(file.kind() == Kind.DIRECTORY ? file.path() + "/" : file.path());
    byte[] link = RawNameBytes.encode(file.link());
    byte[] pax = pax(file, name, link);
    if (pax.length > 0) {
      out.write(
          header(
              "PaxHeaders/entry".getBytes(StandardCharsets.US_ASCII),
              new byte[0],
              'x',
              0644,
              0,
              0,
              pax.length,
              0,
              0,
              0));
      out.write(pax);
      pad(pax.length);
    }
    long size = file.kind() == Kind.REGULAR ? file.size() : 0;
    out.write(
        header(
            cut(name),
            cut(link),
            file.kind().flag(),
            file.mode(),
            file.uid(),
            file.gid(),
            size,
            file.mtimeSeconds(),
            file.devMajor(),
            file.devMinor()));
    if (file.kind() == Kind.REGULAR) {
      Exactly exactly = new Exactly(out, size, file.path());
      content.copyTo(exactly);
      exactly.finish();
      pad(size);
    }
  }

  /**
   * Two blocks of zeros end an archive; no further padding, so that its length depends on its
   * content alone.
   */
  public void finish() throws IOException {
    out.write(ZEROS);
    out.write(ZEROS);
  }

  private void pad(long size) throws IOException {
    int rest = (int) (size % BLOCK);
    if (rest != 0) {
      out.write(ZEROS, 0, BLOCK - rest);
    }
  }

  private static byte[] cut(byte[] name) {
    return name.length <= NAME ? name : Arrays.copyOf(name, NAME);
  }

  /** The records ustar has no room for; empty when it has. */
  private static byte[] pax(TarFile file, byte[] name, byte[] link) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    if (name.length > NAME) {
      record(records, "path", name);
    }
    if (link.length > NAME) {
      record(records, "linkpath", link);
    }
    if (file.kind() == Kind.REGULAR && file.size() > MAX_OCTAL_11) {
      record(records, "size", ascii(Long.toString(file.size())));
    }
    if (Integer.toUnsignedLong(file.uid()) > MAX_OCTAL_7) {
      record(records, "uid", ascii(Integer.toUnsignedString(file.uid())));
    }
    if (Integer.toUnsignedLong(file.gid()) > MAX_OCTAL_7) {
      record(records, "gid", ascii(Integer.toUnsignedString(file.gid())));
    }
    if (file.mtimeNanos() != 0 || file.mtimeSeconds() < 0 || file.mtimeSeconds() > MAX_OCTAL_11) {
      record(records, "mtime", ascii(time(file.mtimeSeconds(), file.mtimeNanos())));
    }
    for (TarFile.Xattr xattr : file.xattrs()) {
      record(records, "SCHILY.xattr." + xattr.name(), xattr.value());
    }
    return records.toByteArray();
  }

  /** {@code LENGTH KEY=VALUE\n}, where LENGTH counts itself. */
  private static void record(ByteArrayOutputStream out, String key, byte[] value)
      throws IOException {
    byte[] keyBytes = RawNameBytes.encode(key);
    int rest = 1 + keyBytes.length + 1 + value.length + 1;
    int length = rest + Integer.toString(rest).length();
    length = rest + Integer.toString(length).length();
    out.write(ascii(length + " "));
    out.write(keyBytes);
    out.write('=');
    out.write(value);
    out.write('\n');
  }

  /** Seconds and a fraction; a time before 1970 counts its fraction backwards. */
  private static String time(long seconds, int nanos) {
    if (nanos == 0) {
      return Long.toString(seconds);
    }
    boolean negative = seconds < 0;
    long whole = negative ? -(seconds + 1) : seconds;
    int fraction = negative ? 1_000_000_000 - nanos : nanos;
    String digits = Integer.toString(1_000_000_000 + fraction).substring(1);
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return (negative ? "-" : "") + whole + "." + digits.substring(0, end);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] header(
      byte[] name,
      byte[] link,
      char flag,
      int mode,
      int uid,
      int gid,
      long size,
      long mtime,
      int major,
      int minor) {
    byte[] block = new byte[BLOCK];
    System.arraycopy(name, 0, block, 0, name.length);
    number(block, 100, 8, mode);
    number(block, 108, 8, Integer.toUnsignedLong(uid));
    number(block, 116, 8, Integer.toUnsignedLong(gid));
    number(block, 124, 12, size);
    number(block, 136, 12, Math.max(0, mtime));
    block[156] = (byte) flag;
    System.arraycopy(link, 0, block, 157, link.length);
    byte[] magic = ascii("ustar\u000000");
    System.arraycopy(magic, 0, block, 257, magic.length);
    number(block, 329, 8, Integer.toUnsignedLong(major));
    number(block, 337, 8, Integer.toUnsignedLong(minor));
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    number(block, 148, 7, sum);
    return block;
  }

  /**
   * Octal with a closing NUL, or base 256 when that is too narrow: a reader that ignores the pax
   * record then still agrees on the size (readers that disagree are CVE-2025-62518).
   */
  private static void number(byte[] block, int at, int width, long value) {
    String octal = Long.toOctalString(value);
    if (octal.length() < width) {
      int zeros = width - 1 - octal.length();
      Arrays.fill(block, at, at + zeros, (byte) '0');
      System.arraycopy(ascii(octal), 0, block, at + zeros, octal.length());
      block[at + width - 1] = 0;
      return;
    }
    long rest = value;
    for (int i = at + width - 1; i > at; i--) {
      block[i] = (byte) rest;
      rest >>>= 8;
    }
    block[at] = (byte) 0x80;
  }

  /**
   * Fails when a file does not keep to its announced size, which happens when it is written to
   * while we read.
   */
  private static final class Exactly extends OutputStream {
    private final OutputStream out;
    private final String path;
    private long left;

    Exactly(OutputStream out, long size, String path) {
      this.out = out;
      this.left = size;
      this.path = path;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > left) {
        throw new IOException(path + " changed while it was read");
      }
      out.write(bytes, offset, length);
      left -= length;
    }

    void finish() throws IOException {
      if (left != 0) {
        throw new IOException(path + " changed while it was read");
      }
    }
  }
}
