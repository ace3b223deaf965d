package rkt.schema;

/** URLs in messages: what may be a secret in them is left out. */
public final class Urls {
  private static final String HIDDEN = "...";

  private Urls() {}

  /**
   * A well-formed URL without user and password, and without what its query and fragment say; any
   * other URL as it is.
   */
  public static String shown(String url) {
    int end = end(url, 0);
    int authority = authority(url);
    int slash = url.indexOf('/', authority);
    int at = url.lastIndexOf('@', (slash < 0 || slash > end ? end : slash) - 1);
    StringBuilder out = new StringBuilder(url.length());
    out.append(url, 0, authority);
    out.append(url, at < authority ? authority : at + 1, end);
    return end < url.length() ? out.append(url.charAt(end)).append(HIDDEN).toString() : out.toString();
  }

  /**
   * Whether a text that was to name an image or a registry seems to have a user or a password in
   * it: an {@code @} that begins no digest. It need not be a URL: a password with a slash in it
   * makes it none.
   */
  public static boolean seemsToHaveUser(String text) {
    int authority = authority(text);
    int at = userEnd(text, authority);
    if (at < 0) {
      return false;
    }
    int colon = text.indexOf(':', authority);
    return (colon >= 0 && colon < at) || text.indexOf('/', at) >= 0;
  }

  /** A text that was refused: as {@link #shown}, but nothing before an {@code @} is trusted. */
  public static String shownRefused(String text) {
    if (!seemsToHaveUser(text)) {
      return text.contains("://") ? shown(text) : text;
    }
    int authority = authority(text);
    int at = userEnd(text, authority);
    int end = end(text, at);
    String rest = text.substring(at + 1, end);
    return text.substring(0, authority) + HIDDEN + "@" + rest + (end < text.length() ? HIDDEN : "");
  }

  /** The last {@code @} that begins no digest. */
  private static int userEnd(String text, int from) {
    int at = text.lastIndexOf('@');
    while (at >= from && text.startsWith("@sha", at) && text.indexOf(':', at) > 0) {
      at = text.lastIndexOf('@', at - 1);
    }
    return at < from ? -1 : at;
  }

  private static int authority(String url) {
    int scheme = url.indexOf("://");
    return scheme < 0 ? 0 : scheme + "://".length();
  }

  /** Where query or fragment begin. */
  private static int end(String url, int from) {
    for (int i = Math.max(from, 0); i < url.length(); i++) {
      if (url.charAt(i) == '?' || url.charAt(i) == '#') {
        return i;
      }
    }
    return url.length();
  }
}
