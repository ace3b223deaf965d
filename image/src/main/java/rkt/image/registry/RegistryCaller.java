package rkt.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;

/**
 * Speaks to one registry about one repository. Owns what every verb needs: which scheme to speak,
 * credentials, retries, redirects and the wording of failures.
 *
 * <p>Any number of threads may call {@link #send}; tokens and the chosen scheme are shared by all.
 * Who we are is told only when the registry asks, and only to the place that asked.
 */
final class RegistryCaller {
  private final Place place;
  private final String host;
  private final Wire wire;
  private final UrlRules rules;
  private final RegistryLimits limits;
  private final Map<String, String> baseHeaders;
  private final TokenSource tokens;
  private final Map<Scope, String> authorizations = new ConcurrentHashMap<>();

  private volatile @Nullable String scheme;

  RegistryCaller(Place place, Wire wire) {
    this.place = place;
    this.host = place.host();
    this.wire = wire;
    this.rules = wire.rules();
    this.limits = wire.limits();
    // Digests are of the bytes as stored. A server that compresses on the fly would only waste
    // time.
    this.baseHeaders = Map.of("User-Agent", wire.userAgent(), "Accept-Encoding", "identity");
    this.tokens = new TokenSource(place, rules, wire.credentials(), this::follow);
  }

  /** The registry's host, for messages. */
  String host() {
    return host;
  }

  Place place() {
    return place;
  }

  RegistryLimits limits() {
    return limits;
  }

  /** An absolute path below the repository: {@code /v2/NAME/...}. */
  String path(String rest) {
    return "/v2/" + place.repository() + rest;
  }

  /**
   * Performs a call until it succeeds or there is no more point in trying.
   *
   * @return an answer with one of the statuses the call is content with
   */
  Reply send(RegistryCall call) throws EngineException {
    Retries retries =
        new Retries(
            call.attempted(), limits, call.once() ? 1 : limits.attempts(), wire.diagnostics());
    while (true) {
      boolean last = retries.isLast();
      try {
        Reply reply = authorized(call);
        if (call.accepts(reply.status())) {
          return reply;
        }
        if (last || !Retries.isPassing(reply.status())) {
          throw Failures.status(call.attempted(), reply);
        }
        retries.afterAnswer(reply);
      } catch (IOException e) {
        if (last || !Retries.isPassing(e)) {
          throw Failures.transport(call.attempted(), host, e);
        }
        retries.afterFailure(host, e);
      }
    }
  }

  /** One try, with at most one new token. */
  private Reply authorized(RegistryCall call) throws IOException, EngineException {
    String before = authorizations.get(call.scope());
    Reply reply = onEitherScheme(call, before);
    if (reply.status() != 401 || call.accepts(401)) {
      return reply;
    }
    if (!isOurs(reply.uri())) {
      throw Failures.status(call.attempted(), reply);
    }
    String fresh = renew(call, reply, before);
    Reply second = onEitherScheme(call, fresh);
    if (second.status() == 401) {
      throw Failures.denied(
          call.attempted(),
          second,
          wire.credentials().forRepository(host, place.repository()).orElse(null));
    }
    return second;
  }

  private boolean isOurs(URI uri) {
    return host.equalsIgnoreCase(uri.getRawAuthority());
  }

  /** Threads that were refused with the same old token share one new one. */
  private synchronized String renew(RegistryCall call, Reply refused, @Nullable String before)
      throws IOException, EngineException {
    String current = authorizations.get(call.scope());
    if (current != null && !current.equals(before)) {
      refused.close();
      return current;
    }
    String fresh = tokens.answer(call.attempted(), refused, call.scope());
    authorizations.put(call.scope(), fresh);
    return fresh;
  }

  /**
   * https first; plain http only where the user allowed it and only if the registry does not speak
   * TLS at all. A certificate that does not verify is a failure, not a reason to go on without TLS.
   * Loopback is asked the other way round: registries there are plain, nobody listens in, and a TLS
   * handshake that must fail costs more than the pull's first half.
   */
  private Reply onEitherScheme(RegistryCall call, @Nullable String secret) throws IOException {
    String known = scheme;
    if (known != null) {
      return on(known, call, secret);
    }
    boolean plainFirst = rules.hosts().plainHttp(place) && ProxyEnvironment.isLoopback(hostName());
    String first = plainFirst ? "http" : "https";
    try {
      Reply reply = on(first, call, secret);
      if (plainFirst && reply.status() == 400 && !reply.mediaType().contains("json")) {
        reply.close();
        Reply secure = on("https", call, secret);
        scheme = "https";
        return secure;
      }
      scheme = first;
      return reply;
    } catch (IOException e) {
      if (!rules.hosts().plainHttp(place) || !mayBeTheOther(plainFirst, e)) {
        throw e;
      }
      String other = plainFirst ? "https" : "http";
      try {
        Reply reply = on(other, call, secret);
        scheme = other;
        return reply;
      } catch (IOException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  /** Whether the failure of the first scheme leaves hope for the other one. */
  private static boolean mayBeTheOther(boolean plainFailed, IOException e) {
    if (plainFailed) {
      return !(e instanceof ConnectException
          || e instanceof Transport.Late
          || e instanceof UrlRules.Broken
          || e instanceof InterruptedIOException);
    }
    return e instanceof ConnectException || (e instanceof SSLException && !isAboutCertificates(e));
  }

  private String hostName() {
    int colon = host.lastIndexOf(':');
    return colon < 0 || host.endsWith("]") ? host : host.substring(0, colon);
  }

  private static boolean isAboutCertificates(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  private Reply on(String scheme, RegistryCall call, @Nullable String secret) throws IOException {
    Map<String, String> headers = new HashMap<>(call.headers());
    URI home;
    URI uri;
    try {
      home = new URI(scheme + "://" + host + "/");
      // A place an upload was sent to may be on another host, which must not learn who we are.
      uri = home.resolve(new URI(call.target()));
    } catch (URISyntaxException e) {
      throw new UrlRules.Broken("malformed registry address " + host + call.target());
    }
    if (secret != null && UrlRules.mayShareSecrets(home, rules.check(uri, home))) {
      headers.put("Authorization", secret);
    }
    return follow(
        new Transport.Request(call.method(), uri, headers, call.content(), call.wholeAnswer()));
  }

  /**
   * Redirects are followed here and not by the client, so that each step obeys the rules and no
   * secret travels on.
   */
  private Reply follow(Transport.Request start) throws IOException {
    URI uri = rules.check(start.uri(), null);
    Map<String, String> sent = new HashMap<>(baseHeaders);
    sent.putAll(start.headers());
    boolean reading = start.method().equals("GET") || start.method().equals("HEAD");
    for (int hops = 0; ; hops++) {
      Reply reply =
          wire.transport()
              .send(
                  new Transport.Request(
                      start.method(), uri, sent, start.content(), start.wholeAnswer()));
      if (!Retries.isRedirect(reply.status())) {
        return reply;
      }
      reply.close();
      if (hops == RegistryLimits.REDIRECTS) {
        throw new UrlRules.Broken("too many redirects");
      }
      String location =
          reply
              .header("location")
              .orElseThrow(() -> new UrlRules.Broken("a redirect that names no place"));
      URI next = rules.redirect(uri, location);
      if (!UrlRules.mayShareSecrets(uri, next)) {
        if (!reading) {
          // What is sent may be secret itself: an identity token, or an unpublished image.
          throw new UrlRules.Broken(
              "refusing to send the request on to another host, " + UrlRules.shown(next));
        }
        sent.remove("Authorization");
      }
      uri = next;
    }
  }

  @Override
  public String toString() {
    return "registry " + host.toLowerCase(Locale.ROOT);
  }
}
