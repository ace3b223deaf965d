package rkt.cli.render;

/**
 * Strangers' words on a terminal. Labels, names and paths come from images, and control characters
 * among them would set titles, hide lines or type for the user (CWE-150); characters that reverse
 * the writing direction make one name look like another (CVE-2021-42574).
 */
public final class PlainText {
  private PlainText() {}

  /** The text with a question mark for each such character; line ends and tabs stay. */
  public static String of(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (!isPlain(text.charAt(i))) {
        StringBuilder out = new StringBuilder(length).append(text, 0, i);
        for (; i < length; i++) {
          char c = text.charAt(i);
          out.append(isPlain(c) ? c : '?');
        }
        return out.toString();
      }
    }
    return text;
  }

  /**
   * A JSON text that says the same and shows such characters as escapes: all are in its strings.
   */
  public static String json(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isPlain(c)) {
        out.append(text, start, i).append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
        start = i + 1;
      }
    }
    return start == 0 ? text : out.append(text, start, text.length()).toString();
  }

  /** As {@link #of} for one cell of a table or one value of a line, which may not end either. */
  public static String cell(String text) {
    return of(text).replace('\n', '?').replace('\t', '?');
  }

  private static boolean isPlain(char c) {
    if (c < 0x7f) {
      return c >= ' ' || c == '\n' || c == '\t';
    }
    // C1 controls, line separators, and the marks that order bidirectional text.
    return c >= 0xa0
        && !(c >= 0x2028 && c <= 0x202e)
        && !(c >= 0x2066 && c <= 0x2069)
        && c != 0x200e
        && c != 0x200f
        && c != 0x061c;
  }
}
