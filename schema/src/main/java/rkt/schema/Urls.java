package rkt.schema;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

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
    return end < url.length()
        ? out.append(url.charAt(end)).append(HIDDEN).toString()
        : out.toString();
  }

  /**
   * Whether a text that was to name an image or a registry seems to have a user or a password in
   * it. It need not be a URL: a password with a slash in it makes it none.
   */
  public static boolean seemsToHaveUser(String text) {
    Optional<URI> url = wellFormed(text);
    if (url.isPresent()) {
      return url.get().getRawUserInfo() != null;
    }
    int authority = authority(text);
    int at = userEnd(text, authority);
    if (at < 0) {
      return false;
    }
    int slash = text.indexOf('/', authority);
    if (slash >= 0 && slash < at) {
      String place = text.substring(authority, slash);
      int colon = place.lastIndexOf(':');
      String port = place.substring(colon + 1);
      return colon >= 0 && !port.isEmpty() && !place.endsWith("]") && !Texts.isDigits(port);
    }
    int colon = text.indexOf(':', authority);
    return (colon >= 0 && colon < at) || slash >= 0;
  }

  /** A text that may be no URL, or is refused for being one with a user. */
  public static String shownRefused(String text) {
    int authority = authority(text);
    if (!seemsToHaveUser(text)) {
      return authority > 0 ? shown(text) : text;
    }
    if (wellFormed(text).isPresent()) {
      String shown = shown(text);
      return shown.substring(0, authority) + HIDDEN + "@" + shown.substring(authority);
    }
    int at = userEnd(text, authority);
    int end = end(text, at);
    String rest = text.substring(at + 1, end);
    return text.substring(0, authority) + HIDDEN + "@" + rest + (end < text.length() ? HIDDEN : "");
  }

  private static Optional<URI> wellFormed(String text) {
    if (authority(text) == 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(new URI(text)).filter(uri -> uri.getHost() != null);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
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
