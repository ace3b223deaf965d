package rkt.image.http;

import java.util.List;
import java.util.Locale;
import rkt.store.StoredReference;

/** How long an answer may be used without asking again. */
public final class CacheControl {
  private CacheControl() {}

  /**
   * Reads the header {@code Cache-Control}: {@code no-store} and {@code no-cache} mean 0, a
   * malformed {@code max-age} means nothing, and the last of several directives wins.
   *
   * @return seconds, 0 when the answer may not be used again
   */
  static long maxAge(List<String> values) {
    long age = 0;
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        String directive = part.trim().toLowerCase(Locale.ROOT);
        if (directive.equals("no-store") || directive.equals("no-cache")) {
          age = 0;
        } else if (directive.startsWith("max-age=")) {
          age = seconds(directive.substring("max-age=".length()), age);
        }
      }
    }
    return age;
  }

  private static long seconds(String text, long otherwise) {
    if (text.isEmpty() || text.length() > 10 || (text.length() > 1 && text.charAt(0) == '0')) {
      return otherwise;
    }
    int from = text.charAt(0) == '-' ? 1 : 0;
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return otherwise;
      }
    }
    return from == text.length() ? otherwise : Math.max(0, Long.parseLong(text));
  }

  /**
   * Whether what was fetched then is still good now. A time in the future says that a clock jumped,
   * and nothing else.
   */
  public static boolean isFresh(StoredReference stored, long nowNanos) {
    long age = nowNanos - stored.timeNanos();
    long maxAge = stored.reference().maxAgeSeconds();
    return maxAge > 0 && age >= 0 && age / 1_000_000_000L < maxAge;
  }
}
