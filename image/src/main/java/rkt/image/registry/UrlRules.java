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
 * @param hosts knows whom plain HTTP may be spoken to
 */
public record UrlRules(HostRules hosts) {
  private static final int MAX_PORT = 65_535;

  public UrlRules(boolean plainHttp) {
    this(HostRules.options(plainHttp, false));
  }

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
    if (uri.getHost() == null || uri.getRawUserInfo() != null) {
      throw new Broken("refusing to ask " + shown(uri) + ": the URL names no plain host" + origin);
    }
    if (uri.getPort() > MAX_PORT) {
      throw new Broken("refusing to ask " + shown(uri) + ": there is no such port" + origin);
    }
    if (scheme.equals("http") && !hosts.plainHttp(uri)) {
      throw new Broken(
          "refusing plain HTTP to " + shown(uri) + origin + "; --insecure-options=http allows it");
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

  /**
   * Whether a token service may be told our credentials. The registry chooses it, and might as well
   * have asked for them itself; what counts is who else hears them: nobody over TLS, and over plain
   * HTTP only whoever hears us speak to the registry anyway.
   */
  static boolean mayTellCredentials(URI registry, URI service) {
    return service.getScheme().equalsIgnoreCase("https")
        || (registry.getScheme().equalsIgnoreCase("http")
            && registry.getHost().equalsIgnoreCase(service.getHost()));
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** Without user and query, which may carry somebody's secrets. */
  public static String shown(URI uri) {
    String authority = uri.getRawAuthority();
    return Failures.plain(
        uri.getScheme()
            + ":"
            + (authority == null ? "" : "//" + authority.substring(authority.lastIndexOf('@') + 1))
            + (uri.getRawPath() == null ? "" : uri.getRawPath()));
  }
}
