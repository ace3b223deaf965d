package rkt.image.auth;

/** What may stand in a header as it is; the credentials that are not encoded for it have to. */
public final class HeaderText {
  private HeaderText() {}

  /** Whether the text has printable ASCII characters only, and no blank at either end. */
  public static boolean isSafe(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean inside = i > 0 && i < text.length() - 1;
      if (c > '~' || c < ' ' || (c == ' ' && !inside)) {
        return false;
      }
    }
    return true;
  }
}
