package rkt.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * Speaks to one registry about one repository. Owns what every verb needs: which scheme to speak,
 * tokens, retries, redirects and the wording of failures.
 *
 * <p>Any number of threads may call {@link #get}; the token and the chosen scheme are shared by
 * all.
 */
final class RegistryCaller implements AutoCloseable {
  private static final int MAX_RETRY_AFTER_SECONDS = 10;

  private final String host;
  private final Transport transport;
  private final UrlRules rules;
  private final RegistryLimits limits;
  private final Diagnostics diagnostics;
  private final Map<String, String> baseHeaders;
  private final TokenSource tokens;

  private volatile @Nullable String scheme;
  private volatile @Nullable String token;

  /**
   * @param host registry host, with a port if it is not the standard one
   */
  RegistryCaller(
      String host,
      String repository,
      Transport transport,
      UrlRules rules,
      RegistryLimits limits,
      Diagnostics diagnostics,
      String userAgent) {
    this.host = host;
    this.transport = transport;
    this.rules = rules;
    this.limits = limits;
    this.diagnostics = diagnostics;
    // Digests are of the bytes as stored. A server that compresses on the fly would only waste
    // time.
    this.baseHeaders = Map.of("User-Agent", userAgent, "Accept-Encoding", "identity");
    this.tokens =
        new TokenSource(repository, rules, (uri, whole) -> follow(uri, baseHeaders, whole));
  }

  /** The registry's host, for messages. */
  String host() {
    return host;
  }

  RegistryLimits limits() {
    return limits;
  }

  /**
   * What to ask for.
   *
   * @param attempted what is being done, for messages
   * @param path absolute path on the registry
   * @param accept media types, empty for any
   * @param from first byte wanted, 0 for the whole
   * @param wholeAnswer bound on the whole answer, zero to bound only its silence
   */
  record Call(String attempted, String path, String accept, long from, Duration wholeAnswer) {
    static Call document(String attempted, String path, String accept, RegistryLimits limits) {
      return new Call(attempted, path, accept, 0, limits.response().plus(limits.idle()));
    }

    static Call stream(String attempted, String path, long from) {
      return new Call(attempted, path, "", from, Duration.ZERO);
    }
  }

  /**
   * Performs a GET until it succeeds or there is no more point in trying.
   *
   * @return an answer with status 200 or 206
   */
  Reply get(Call call) throws EngineException {
    long pause = limits.backOff().toMillis();
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt >= limits.attempts();
      long wait = pause + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
      try {
        Reply reply = authorized(call);
        if (reply.status() == 200 || reply.status() == 206) {
          return reply;
        }
        if (last || !isPassing(reply.status())) {
          throw Failures.status(call.attempted(), reply);
        }
        wait = Math.max(wait, retryAfterMillis(reply));
        diagnostics.debug(
            "bad HTTP status code: " + reply.status() + " from " + reply.uri() + ", trying again");
        reply.close();
      } catch (IOException e) {
        if (last || !isPassing(e)) {
          throw Failures.transport(call.attempted(), host, e);
        }
        diagnostics.debug(host + ": " + Failures.reason(e) + ", trying again");
      }
      pause(call.attempted(), wait);
      pause *= 2;
    }
  }

  private static boolean isPassing(int status) {
    return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
  }

  /**
   * Refused connections, unknown hosts, bad certificates and broken rules stay as they are however
   * often one asks.
   */
  private static boolean isPassing(IOException e) {
    return !(e instanceof ConnectException)
        && !(e instanceof UnknownHostException)
        && !(e instanceof InterruptedIOException && Thread.currentThread().isInterrupted())
        && !(e instanceof SSLException)
        && !(e instanceof UrlRules.Broken)
        && !(e instanceof Reply.BodyTooLarge);
  }

  private static long retryAfterMillis(Reply reply) {
    long seconds = reply.header("retry-after").flatMap(Reply::number).orElse(0L);
    return Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000;
  }

  static void pause(String attempted, long millis) throws EngineException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EngineException.of(ErrorCode.NETWORK, attempted, "interrupted");
    }
  }

  /** One try, with at most one new token. */
  private Reply authorized(Call call) throws IOException, EngineException {
    String before = token;
    Reply reply = onEitherScheme(call, before);
    if (reply.status() != 401) {
      return reply;
    }
    if (!isOurs(reply.uri())) {
      throw Failures.status(call.attempted(), reply);
    }
    String fresh = renew(call.attempted(), reply, before);
    Reply second = onEitherScheme(call, fresh);
    if (second.status() == 401) {
      throw Failures.denied(call.attempted(), second);
    }
    return second;
  }

  private boolean isOurs(URI uri) {
    return host.equalsIgnoreCase(uri.getRawAuthority());
  }

  /** Threads that were refused with the same old token share one new one. */
  private synchronized String renew(String attempted, Reply refused, @Nullable String before)
      throws IOException, EngineException {
    String current = token;
    if (current != null && !current.equals(before)) {
      refused.close();
      return current;
    }
    String fresh = tokens.answer(attempted, refused);
    token = fresh;
    return fresh;
  }

  /**
   * https first; plain http only where the user allowed it and only if the registry does not speak
   * TLS at all. A certificate that does not verify is a failure, not a reason to go on without TLS.
   * Loopback is asked the other way round: registries there are plain, nobody listens in, and a TLS
   * handshake that must fail costs more than the pull's first half.
   */
  private Reply onEitherScheme(Call call, @Nullable String bearer) throws IOException {
    String known = scheme;
    if (known != null) {
      return on(known, call, bearer);
    }
    boolean plainFirst = rules.plainHttp() && ProxyEnvironment.isLoopback(hostName());
    String first = plainFirst ? "http" : "https";
    try {
      Reply reply = on(first, call, bearer);
      if (plainFirst && reply.status() == 400 && !reply.mediaType().contains("json")) {
        reply.close();
        Reply secure = on("https", call, bearer);
        scheme = "https";
        return secure;
      }
      scheme = first;
      return reply;
    } catch (IOException e) {
      if (!rules.plainHttp() || !mayBeTheOther(plainFirst, e)) {
        throw e;
      }
      String other = plainFirst ? "https" : "http";
      try {
        Reply reply = on(other, call, bearer);
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

  private Reply on(String scheme, Call call, @Nullable String bearer) throws IOException {
    Map<String, String> headers = new HashMap<>(baseHeaders);
    if (!call.accept().isEmpty()) {
      headers.put("Accept", call.accept());
    }
    if (call.from() > 0) {
      headers.put("Range", "bytes=" + call.from() + "-");
    }
    if (bearer != null) {
      headers.put("Authorization", "Bearer " + bearer);
    }
    try {
      return follow(new URI(scheme + "://" + host + call.path()), headers, call.wholeAnswer());
    } catch (URISyntaxException e) {
      throw new UrlRules.Broken("malformed registry address " + host + call.path());
    }
  }

  /**
   * Redirects are followed here and not by the client, so that each step obeys the rules and no
   * token travels on.
   */
  private Reply follow(URI start, Map<String, String> headers, Duration wholeAnswer)
      throws IOException {
    URI uri = rules.check(start, null);
    Map<String, String> sent = headers;
    for (int hops = 0; ; hops++) {
      Reply reply = transport.get(uri, sent, wholeAnswer);
      if (!isRedirect(reply.status())) {
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
      if (!UrlRules.mayShareSecrets(uri, next) && sent.containsKey("Authorization")) {
        sent = new HashMap<>(sent);
        sent.remove("Authorization");
      }
      uri = next;
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  @Override
  public void close() {
    transport.close();
  }

  @Override
  public String toString() {
    return "registry " + host.toLowerCase(Locale.ROOT);
  }
}
