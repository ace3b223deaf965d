package rkt.schema;

/**
 * Character classes and quoting for messages: what a regular expression would cost too much for.
 */
public final class Texts {
  private static final int SHOWN = 200;

  private Texts() {}

  /** Whether {@code text[from, to)} consists of 0-9 and a-f only; true when empty. */
  public static boolean isLowerHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!isDigit(c) && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  public static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** a-z or 0-9. */
  public static boolean isLowerAlnum(char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c);
  }

  /** a-z, A-Z or 0-9. */
  public static boolean isAlnum(char c) {
    return isLowerAlnum(c) || (c >= 'A' && c <= 'Z');
  }

  /** Whether the text is one or more decimal digits. */
  public static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** The text in double quotes, made {@link #printable}. */
  public static String quote(String text) {
    return "\"" + printable(text) + "\"";
  }

  /**
   * The text with control characters and quotes escaped, cut after 200 characters: hostile input
   * must not reach the user's terminal as escape sequences, nor flood it.
   */
  public static String printable(String text) {
    int shown = Math.min(text.length(), SHOWN);
    StringBuilder out = new StringBuilder(shown + 8);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '\t') {
        out.append("\\t");
      } else if (isUnprintable(c)) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          out.append(Character.forDigit((c >> shift) & 0xf, 16));
        }
      } else {
        out.append(c);
      }
    }
    return shown < text.length() ? out.append("...").toString() : out.toString();
  }

  // C0, DEL and C1 drive terminals; U+202A-202E and U+2066-2069 reorder the line they stand in.
  private static boolean isUnprintable(char c) {
    return c < 0x20
        || (c >= 0x7f && c < 0xa0)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
