package rkt.image.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import rkt.schema.ErrorCode;

/**
 * The proxy an environment variable names.
 *
 * @param variable its name, for messages
 * @param authorization value of the header {@code Proxy-Authorization}, a secret; may be empty
 */
record ProxyChoice(String variable, InetSocketAddress address, String authorization) {
  private static final String FORM = "http://[USER:PASSWORD@]HOST[:PORT]";

  /** Nothing of the value is in a message: any part of a malformed one may be the password. */
  static ProxyChoice parse(String variable, String value) throws ProxyFailure {
    int scheme = value.indexOf("://");
    if (scheme >= 0 && !value.substring(0, scheme).equalsIgnoreCase("http")) {
      String name = value.substring(0, scheme).toLowerCase(Locale.ROOT);
      throw isWord(name)
          ? wrong(variable, "names a proxy of a kind that rkt does not speak: " + name)
          : wrong(variable, "is not the URL of a proxy");
    }
    try {
      URI proxy = URI.create(scheme < 0 ? "http://" + value : value);
      if (proxy.getHost() == null) {
        throw wrong(variable, "is not the URL of a proxy");
      }
      int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
      return new ProxyChoice(
          variable,
          new InetSocketAddress(proxy.getHost(), port),
          authorization(proxy.getRawUserInfo()));
    } catch (IllegalArgumentException e) {
      throw wrong(variable, "is not the URL of a proxy");
    }
  }

  private static boolean isWord(String text) {
    boolean word = !text.isEmpty() && text.length() <= 16;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      word &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }
    return word;
  }

  private static ProxyFailure wrong(String variable, String why) {
    return new ProxyFailure(
        ErrorCode.INVALID,
        "the environment variable " + variable + " " + why,
        "set it to " + FORM + ", or unset it to go without a proxy");
  }

  private static String authorization(@Nullable String user) {
    if (user == null) {
      return "";
    }
    // A plus sign is a plus sign here, unlike in forms.
    String decoded = URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
    String pair = decoded.indexOf(':') < 0 ? decoded + ":" : decoded;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code proxy HOST:PORT}. */
  String shown() {
    return "proxy " + address.getHostString() + ":" + address.getPort();
  }

  /** The answer 407. */
  ProxyFailure refused() {
    return new ProxyFailure(
        ErrorCode.PERMISSION,
        shown() + (authorization.isEmpty() ? " wants credentials" : " wants other credentials"),
        "give them in " + variable + ": " + FORM);
  }

  /** No connection to the proxy. */
  ProxyFailure unreachable(IOException e) {
    return new ProxyFailure(
        ErrorCode.NETWORK,
        "cannot connect to " + shown() + " (named by " + variable + "): " + Failures.reason(e),
        "is it running there? NO_PROXY names hosts that are asked directly");
  }

  /** What came of a request that went through the proxy. */
  IOException through(IOException e) {
    return new IOException("through " + shown() + ": " + Failures.reason(e), e);
  }

  @Override
  public String toString() {
    return shown();
  }
}
