package rkt.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The kernel's random numbers, read directly: {@code java.security.SecureRandom} loads its
 * providers, which costs a start of rkt more than everything else about a pod's UUID together.
 */
public final class RandomBytes {
  private RandomBytes() {}

  /** That many bytes of {@code /dev/urandom} (random(4)). */
  public static byte[] of(int count) {
    byte[] random = new byte[count];
    try (FileInputStream in = new FileInputStream("/dev/urandom")) {
      if (in.readNBytes(random, 0, count) != count) {
        throw new IOException("short read");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("read /dev/urandom: " + e.getMessage(), e);
    }
    return random;
  }
}
