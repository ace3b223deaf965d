package rkt.image.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Tars of files that contain their own names. */
final class Tars {
  private Tars() {}

  static byte[] of(String... names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String name : names) {
      byte[] content = name.getBytes(StandardCharsets.UTF_8);
      byte[] block = new byte[1024];
      System.arraycopy(content, 0, block, 0, content.length);
      octal(block, 100, 8, 0644);
      octal(block, 108, 8, 0);
      octal(block, 116, 8, 0);
      octal(block, 124, 12, content.length);
      octal(block, 136, 12, 0);
      block[156] = '0';
      System.arraycopy("ustar\u000000".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
      for (int i = 148; i < 156; i++) {
        block[i] = ' ';
      }
      int sum = 0;
      for (int i = 0; i < 512; i++) {
        sum += block[i] & 0xff;
      }
      octal(block, 148, 7, sum);
      System.arraycopy(content, 0, block, 512, content.length);
      out.write(block);
    }
    out.write(new byte[1024]);
    return out.toByteArray();
  }

  private static void octal(byte[] block, int at, int width, long value) {
    String text = Long.toOctalString(value);
    byte[] digits =
        ("0".repeat(width - 1 - text.length()) + text).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, block, at, digits.length);
  }
}
