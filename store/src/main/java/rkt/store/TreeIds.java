package rkt.store;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tree store ids: what a root file system is made of, hashed. */
final class TreeIds {
  static final String PREFIX = "deps-sha512-";
  private static final int HEX_DIGITS = 64;

  private TreeIds() {}

  /**
   * @param parts keys of an ACI's flattened dependency list, or diff IDs of layers
   */
  static String of(List<?> parts) {
    StringBuilder joined = new StringBuilder();
    for (Object part : parts) {
      joined.append(joined.isEmpty() ? "" : ",").append(part);
    }
    byte[] bytes = joined.toString().getBytes(StandardCharsets.UTF_8);
    String hex = Hashes.hex(Hashes.sha512().digest(bytes));
    return PREFIX + hex.substring(0, HEX_DIGITS);
  }

  static boolean isOne(String name) {
    if (!name.startsWith(PREFIX) || name.length() != PREFIX.length() + HEX_DIGITS) {
      return false;
    }
    for (int i = PREFIX.length(); i < name.length(); i++) {
      if (Character.digit(name.charAt(i), 16) < 0 || name.charAt(i) > 'f') {
        return false;
      }
    }
    return true;
  }
}
