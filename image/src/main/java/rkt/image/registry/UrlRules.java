package rkt.image.registry;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request may go. Registries choose the places of redirects and token services, so every
 * URL of theirs passes here.
 *
 * @param plainHttp the user allowed plain HTTP
 */
public record UrlRules(boolean plainHttp) {
  /** A URL that may not be asked; asking again would not help. */
  public static final class Broken extends IOException {
    private static final long serialVersionUID = 1L;

    public Broken(String message) {
      super(message);
    }
  }

  /**
   * @param from where the URL was found, null for our own
   */
  public URI check(URI uri, @Nullable URI from) throws Broken {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    String origin = from == null ? "" : " (sent there by " + from.getRawAuthority() + ")";
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new Broken("refusing to ask " + shown(uri) + ": neither http nor https" + origin);
    }
    if (scheme.equals("http") && !plainHttp) {
      throw new Broken(
          "refusing plain HTTP to " + shown(uri) + origin + "; --insecure-options=http allows it");
    }
    if (uri.getHost() == null || uri.getRawUserInfo() != null) {
      throw new Broken("refusing to ask " + shown(uri) + ": the URL names no plain host" + origin);
    }
    return uri;
  }

  /** The target of a redirect from {@code from}. */
  public URI redirect(URI from, String location) throws Broken {
    try {
      URI target = from.resolve(new URI(location));
      String fragment = target.getRawFragment();
      if (fragment != null) {
        String text = target.toString();
        target = new URI(text.substring(0, text.length() - fragment.length() - 1));
      }
      return check(target, from);
    } catch (URISyntaxException e) {
      throw new Broken("a redirect to a malformed URL");
    }
  }

  /**
   * Whether what is secret between us and {@code from} may be told to {@code to}: the same host,
   * and no less protected.
   */
  public static boolean mayShareSecrets(URI from, URI to) {
    boolean sameHost = from.getHost().equalsIgnoreCase(to.getHost());
    boolean samePlace = from.getScheme().equalsIgnoreCase(to.getScheme()) && port(from) == port(to);
    boolean upgrade =
        from.getScheme().equalsIgnoreCase("http")
            && to.getScheme().equalsIgnoreCase("https")
            && port(from) == 80
            && port(to) == 443;
    return sameHost && (samePlace || upgrade);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** Without the query and the user, which may carry secrets. */
  public static String shown(URI uri) {
    return Failures.plain(
        uri.getScheme()
            + "://"
            + withoutUser(String.valueOf(uri.getRawAuthority()))
            + (uri.getRawPath() == null ? "" : uri.getRawPath()));
  }

  private static String withoutUser(String authority) {
    return authority.substring(authority.lastIndexOf('@') + 1);
  }
}
