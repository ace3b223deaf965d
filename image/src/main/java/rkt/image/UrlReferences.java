package rkt.image;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * How the store remembers images by URL. Records of the store are for many to read, and a query may
 * be a token or a signature, so only its digest is kept: enough to find the image by the same URL.
 */
final class UrlReferences {
  private static final String DIGEST = "?sha256=";
  private static final int HEX_DIGITS = 64;

  private UrlReferences() {}

  /** The URL itself if it has neither query nor fragment. */
  static String of(URI uri) {
    String url = uri.toString();
    int end = 0;
    while (end < url.length() && url.charAt(end) != '?' && url.charAt(end) != '#') {
      end++;
    }
    return end == url.length() ? url : url.substring(0, end) + DIGEST + sha256(url.substring(end));
  }

  /** Whether the URL itself is not known any more. */
  static boolean isReduced(String ref) {
    int at = ref.length() - HEX_DIGITS - DIGEST.length();
    return at > 0
        && ref.startsWith(DIGEST, at)
        && (ref.startsWith("https:") || ref.startsWith("http:"));
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
