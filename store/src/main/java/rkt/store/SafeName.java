package rkt.store;

import java.nio.charset.StandardCharsets;

/**
 * Any text as the name of one file: unsafe bytes are escaped, so that looking it up on the way to
 * {@code run} needs no hash; only what is too long is hashed. A name never begins with a dot.
 */
final class SafeName {
  private static final int MAX = 200;

  private SafeName() {}

  static String of(String text) {
    StringBuilder name = new StringBuilder(text.length() + 16);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      boolean plain =
          (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' || b == '.' || b == '_';
      if (plain && (b != '.' || !name.isEmpty())) {
        name.append((char) b);
      } else {
        name.append('%');
        name.append(Character.forDigit((b >> 4) & 0xf, 16));
        name.append(Character.forDigit(b & 0xf, 16));
      }
    }
    return name.length() > MAX ? "%" + Hashes.sha256Hex(bytes) : name.toString();
  }
}
