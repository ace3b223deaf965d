package rkt.image.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY}, upper or lower case, as Go and curl
 * read them. Loopback is never proxied. A value that makes no sense is an error and not a direct
 * connection, which the user did not want.
 */
final class ProxyEnvironment extends ProxySelector {
  private final Map<String, String> environment;

  ProxyEnvironment(Map<String, String> environment) {
    this.environment = environment;
  }

  static ProxyEnvironment fromProcess() {
    return new ProxyEnvironment(System.getenv());
  }

  @Override
  public List<Proxy> select(URI uri) {
    try {
      return List.of(
          choose(uri)
              .map(proxy -> new Proxy(Proxy.Type.HTTP, proxy.address()))
              .orElse(Proxy.NO_PROXY));
    } catch (ProxyFailure e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The proxy for a URL, if there is one. */
  Optional<ProxyChoice> choose(URI uri) throws ProxyFailure {
    String host = uri.getHost();
    if (host == null
        || isLoopback(host)
        || excluded(host.toLowerCase(Locale.ROOT), uri.getPort())) {
      return Optional.empty();
    }
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    String lower = tls ? "https_proxy" : "http_proxy";
    // HTTP_PROXY in upper case is what a CGI server sets from a "Proxy:" request header
    // (CVE-2016-5385).
    boolean cgi = !tls && environment.containsKey("REQUEST_METHOD");
    String variable =
        cgi || environment.containsKey(lower) ? lower : lower.toUpperCase(Locale.ROOT);
    String value = environment.get(variable);
    return value == null || value.isEmpty()
        ? Optional.empty()
        : Optional.of(ProxyChoice.parse(variable, value));
  }

  private @Nullable String either(String name) {
    String lower = environment.get(name);
    return lower != null ? lower : environment.get(name.toUpperCase(Locale.ROOT));
  }

  private boolean excluded(String host, int port) {
    String list = either("no_proxy");
    if (list == null) {
      return false;
    }
    for (String part : list.split(",", -1)) {
      String entry = part.trim().toLowerCase(Locale.ROOT);
      int colon = entry.lastIndexOf(':');
      if (colon > 0 && entry.indexOf(':') == colon) {
        if (!entry.substring(colon + 1).equals(Integer.toString(port))) {
          continue;
        }
        entry = entry.substring(0, colon);
      }
      String domain =
          entry.startsWith("*.")
              ? entry.substring(2)
              : entry.startsWith(".") ? entry.substring(1) : entry;
      if (!entry.isEmpty()
          && (entry.equals("*") || host.equals(domain) || host.endsWith("." + domain))) {
        return true;
      }
    }
    return false;
  }

  static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || isIpv4Loopback(name)
        || name.equals("[::1]")
        || name.equals("::1");
  }

  private static boolean isIpv4Loopback(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '.' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return name.startsWith("127.");
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The request itself fails with the same cause.
  }
}
