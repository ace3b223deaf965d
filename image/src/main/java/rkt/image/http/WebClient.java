package rkt.image.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOption;
import rkt.image.auth.Credential;
import rkt.image.auth.Credentials;
import rkt.image.registry.Failures;
import rkt.image.registry.ProxyFailure;
import rkt.image.registry.RegistryLimits;
import rkt.image.registry.Reply;
import rkt.image.registry.Retries;
import rkt.image.registry.TlsProblem;
import rkt.image.registry.Transport;
import rkt.image.registry.UrlRules;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * One GET at a time: redirects, credentials, retries, the wording of failures. The connection is
 * made when the first question is asked. For one thread.
 */
public final class WebClient implements AutoCloseable {
  private static final int REDIRECTS = 10;

  private final FetchOptions options;
  private final RegistryLimits limits;
  private final Diagnostics diagnostics;
  private final InstantSource clock;
  private @Nullable Transport transport;

  public WebClient(FetchOptions options) {
    this(options, InstantSource.system());
  }

  WebClient(FetchOptions options, InstantSource clock) {
    this.options = options;
    this.limits = options.limits();
    this.diagnostics = options.diagnostics();
    this.clock = clock;
  }

  RegistryLimits limits() {
    return limits;
  }

  Diagnostics diagnostics() {
    return diagnostics;
  }

  /** Whether plain HTTP is allowed where nobody typed it. */
  public boolean plainHttp() {
    return options.insecure().has(InsecureOption.HTTP);
  }

  /**
   * Whether what is fetched from a URL may have been altered on the way though the URL promises
   * otherwise: certificates are not verified, or redirects to plain HTTP are followed.
   */
  public boolean isUnprotected(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme())
        && (options.insecure().has(InsecureOption.TLS) || plainHttp());
  }

  /** A small document, whatever its status. */
  public Reply document(String attempted, URI uri, boolean plainHttp) throws EngineException {
    return get(WebRequest.document(attempted, uri, plainHttp));
  }

  /**
   * Asks until there is an answer, or no more point in asking.
   *
   * @return the answer, whatever its status; the caller closes it
   */
  public Reply get(WebRequest request) throws EngineException {
    Retries retries = new Retries(request.attempted(), limits, limits.attempts(), diagnostics);
    while (true) {
      boolean last = retries.isLast();
      try {
        Reply reply = follow(request);
        if (last || !Retries.isPassing(reply.status())) {
          return reply;
        }
        retries.afterAnswer(reply);
      } catch (IOException e) {
        if (last || !Retries.isPassing(e)) {
          throw failure(request.attempted(), request.uri(), e);
        }
        retries.afterFailure(UrlRules.shown(request.uri()), e);
      }
    }
  }

  /**
   * Redirects are followed here and not by the transport, so that each step obeys the rules and no
   * credential travels on. A server asked over https cannot send us to http, unless the user allows
   * http.
   */
  private Reply follow(WebRequest request) throws IOException, EngineException {
    boolean typedPlain = request.plainHttp() && "http".equalsIgnoreCase(request.uri().getScheme());
    UrlRules first = new UrlRules(request.plainHttp());
    UrlRules later = new UrlRules(typedPlain || plainHttp());
    URI uri = first.check(request.uri(), null);
    boolean ours = true;
    for (int hops = 0; ; hops++) {
      Reply reply =
          transport()
              .send(
                  new Transport.Request(
                      "GET",
                      uri,
                      headers(request, uri, ours),
                      Transport.Content.NONE,
                      request.wholeAnswer()));
      if (!Retries.isRedirect(reply.status())) {
        return reply;
      }
      reply.close();
      if (hops == REDIRECTS) {
        throw new UrlRules.Broken("too many redirects");
      }
      String location =
          reply
              .header("location")
              .orElseThrow(() -> new UrlRules.Broken("a redirect that names no place"));
      URI next = later.redirect(uri, location);
      ours = ours && UrlRules.mayShareSecrets(uri, next);
      uri = next;
    }
  }

  private Map<String, String> headers(WebRequest request, URI uri, boolean ours)
      throws EngineException {
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.put("User-Agent", options.userAgent());
    // Lengths, ranges and signatures are of the bytes as stored.
    headers.put("Accept-Encoding", "identity");
    if (ours && "https".equalsIgnoreCase(uri.getScheme())) {
      headers.putAll(authorization(uri));
    }
    return headers;
  }

  /** Credentials are for exactly the host, and port if there is one, that they were given for. */
  private Map<String, String> authorization(URI uri) throws EngineException {
    Credentials known = options.credentials();
    Optional<Credential> found =
        known.forHost(String.valueOf(uri.getRawAuthority()).toLowerCase(Locale.ROOT));
    if (found.isEmpty()) {
      return Map.of();
    }
    Instant now = clock.instant();
    return Authorization.headers(found.get(), uri, now);
  }

  private Transport transport() throws IOException {
    Transport open = transport;
    if (open == null) {
      open = Transport.open(limits, options.insecure().has(InsecureOption.TLS));
      transport = open;
    }
    return open;
  }

  /** No answer. */
  public static EngineException failure(String attempted, URI uri, IOException e) {
    String reason = Failures.reason(e);
    String remedy = "";
    ErrorCode code = ErrorCode.NETWORK;
    if (e instanceof UrlRules.Broken) {
      code = ErrorCode.REFUSED;
    } else if (e instanceof ProxyFailure proxy) {
      code = proxy.code();
      remedy = proxy.remedy();
    } else if (e instanceof SSLException tls) {
      TlsProblem problem = TlsProblem.of(tls);
      reason = problem.words();
      remedy = problem.remedy("server");
    } else if (reason.equals("unknown host")) {
      remedy = "check the server's name and the machine's DNS";
    } else if (e instanceof ConnectException) {
      remedy = "is the server running there?";
    }
    return new EngineException(
        code,
        attempted,
        "failed to download \"" + UrlRules.shown(uri) + "\": " + reason,
        remedy,
        e);
  }

  /** A status that ends a request; closes the reply. */
  public static EngineException status(String attempted, URI uri, Reply reply) {
    reply.close();
    String why =
        "failed to download \""
            + UrlRules.shown(uri)
            + "\": bad HTTP status code: "
            + reply.status();
    return switch (reply.status()) {
      case 401, 403 ->
          EngineException.of(
              ErrorCode.PERMISSION,
              attempted,
              why,
              "the server wants credentials: give them for "
                  + String.valueOf(uri.getRawAuthority())
                  + " in auth.d of the configuration directory");
      case 404, 410 -> EngineException.of(ErrorCode.NOT_FOUND, attempted, why);
      default -> EngineException.of(ErrorCode.NETWORK, attempted, why);
    };
  }

  @Override
  public void close() {
    Transport open = transport;
    transport = null;
    if (open != null) {
      open.close();
    }
  }
}
