package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads whole small files, those of {@code /proc}, {@code /sys} and {@code /etc}. */
public final class SmallFiles {
  private SmallFiles() {}

  /**
   * Reads a file to its end, however long {@code stat} claims it to be ({@code /proc} says 0).
   *
   * @param limit the most bytes to accept; a longer file is EFBIG
   */
  public static byte[] read(Kernel kernel, String path, int limit) throws OsException {
    try (Fd fd = Fd.open(kernel, path, Consts.O_RDONLY, 0)) {
      return read(kernel, fd, path, limit);
    }
  }

  /** As {@link #read(Kernel, String, int)} for an open file. */
  public static byte[] read(Kernel kernel, Fd fd, String path, int limit) throws OsException {
    byte[] b = new byte[Math.min(limit + 1, 4096)];
    int length = 0;
    while (true) {
      int n = kernel.read(fd.number(), b, length, b.length - length);
      if (n == 0) {
        return Arrays.copyOf(b, length);
      }
      length += n;
      if (length > limit) {
        throw new OsException("read", path, Errno.EFBIG);
      }
      if (length == b.length) {
        b = Arrays.copyOf(b, Math.min(limit + 1, b.length * 4));
      }
    }
  }

  /** Reads a text file whose bytes that are not UTF-8 do not matter. */
  public static String readText(Kernel kernel, String path, int limit) throws OsException {
    return new String(read(kernel, path, limit), StandardCharsets.UTF_8);
  }
}
