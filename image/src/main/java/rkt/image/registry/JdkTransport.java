package rkt.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** {@link Transport} over {@code java.net.http}; the only class that touches it. */
public final class JdkTransport implements Transport {
  /** 32 KB/s: a body that is sent more slowly than that has stalled. */
  private static final int SLOWEST_BYTES_PER_MILLI = 32;

  private static final String UNUSED_FOR_TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

  static {
    // Read once, by the client's first class. Its default keeps the header Proxy-Authorization
    // from proxies that are asked for a tunnel, and that is what proxies are asked for.
    if (System.getProperty(UNUSED_FOR_TUNNELS) == null) {
      System.setProperty(UNUSED_FOR_TUNNELS, "");
    }
  }

  private final HttpClient client;
  private final ProxyEnvironment proxies;
  private final Watchdog watchdog;
  private final RegistryLimits limits;

  /**
   * @param anyCertificate accept every certificate and host name
   */
  public JdkTransport(RegistryLimits limits, boolean anyCertificate) throws IOException {
    this(limits, anyCertificate ? TlsSettings.anyone() : TlsSettings.STRICT);
  }

  JdkTransport(RegistryLimits limits, TlsSettings tls) throws IOException {
    this(limits, tls, ProxyEnvironment.fromProcess());
  }

  JdkTransport(RegistryLimits limits, TlsSettings tls, ProxyEnvironment proxies)
      throws IOException {
    this.limits = limits;
    this.proxies = proxies;
    // HTTP/1.1: one connection per layer, so that one slow layer does not hold the flow-control
    // window of the others; and no
    // h2c upgrade header on plain HTTP, which some registries answer with an error.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(limits.connect())
            .proxy(proxies)
            .sslContext(TlsTrust.context(tls))
            .build();
    this.watchdog = new Watchdog(limits.idle());
  }

  @Override
  public Reply send(Request asked) throws IOException {
    Optional<ProxyChoice> proxy = proxies.choose(asked.uri());
    if (proxy.isEmpty()) {
      return send(asked, "");
    }
    ProxyChoice way = proxy.get();
    try {
      Reply reply = send(asked, way.authorization());
      if (reply.status() == 407) {
        reply.close();
        throw way.refused();
      }
      return reply;
    } catch (ConnectException e) {
      throw way.unreachable(e);
    } catch (Late e) {
      throw new Late(e.getMessage() + " through " + way.shown(), e);
    } catch (ProxyFailure | SSLException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw way.through(e);
    }
  }

  /**
   * @param proxyAuthorization for the proxy alone; empty when there is none, or none is wanted
   */
  private Reply send(Request asked, String proxyAuthorization) throws IOException {
    URI uri = asked.uri();
    long length = asked.content().length();
    SendProgress progress = new SendProgress();
    HttpRequest request = request(asked, length, proxyAuthorization, progress);
    Duration whole = asked.wholeAnswer();
    long deadline = whole.isZero() ? 0 : (System.nanoTime() + whole.toNanos()) | 1;
    try {
      HttpResponse<InputStream> response =
          length == 0
              ? client.send(request, HttpResponse.BodyHandlers.ofInputStream())
              : sendWatched(request, progress);
      Map<String, List<String>> lowered = new HashMap<>();
      response
          .headers()
          .map()
          .forEach((name, values) -> lowered.put(name.toLowerCase(Locale.ROOT), values));
      return new Reply(
          uri,
          response.statusCode(),
          lowered,
          new GuardedBody(response.body(), watchdog, limits, deadline));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (HttpConnectTimeoutException e) {
      throw new Late("no connection within " + limits.connect().toMillis() + " ms", e);
    } catch (HttpTimeoutException e) {
      throw new Late("no answer within " + limits.response().toMillis() + " ms", e);
    } catch (IllegalArgumentException e) {
      if (e instanceof NumberFormatException || e.getCause() instanceof NumberFormatException) {
        // Not with the cause, which repeats the header.
        throw new IOException("the answer's Content-Length is no number");
      }
      throw unsendable(uri);
    }
  }

  private HttpResponse<InputStream> sendWatched(HttpRequest request, SendProgress progress)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    long period = Watchdog.period(limits.idle());
    try {
      while (true) {
        try {
          return answer.get(period, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (progress.stalled(limits.idle())) {
            throw new Late(
                "nothing more of what is sent was taken for " + limits.idle().toMillis() + " ms",
                e);
          }
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      answer.cancel(true);
    }
  }

  private static IOException rethrown(ExecutionException e) {
    Throwable cause = e.getCause();
    // What our own body threw comes wrapped.
    Throwable failure = cause instanceof UncheckedIOException ? cause.getCause() : cause;
    if (failure instanceof IllegalArgumentException bad) {
      throw bad;
    }
    return failure instanceof IOException io ? io : new IOException(e);
  }

  private HttpRequest request(
      Request asked, long length, String proxyAuthorization, SendProgress progress)
      throws UrlRules.Broken {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(asked.uri())
              .method(asked.method(), body(asked.content(), progress))
              // The bound counts from the first byte sent, so a body needs time of its own.
              .timeout(limits.response().plusMillis(length / SLOWEST_BYTES_PER_MILLI));
      asked.headers().forEach(request::header);
      if (!proxyAuthorization.isEmpty()) {
        request.setHeader("Proxy-Authorization", proxyAuthorization);
      }
      return request.build();
    } catch (IllegalArgumentException e) {
      throw unsendable(asked.uri());
    }
  }

  /** What Java says about it repeats the header or URL it does not like, secrets included. */
  private static UrlRules.Broken unsendable(URI uri) {
    return new UrlRules.Broken(
        "cannot ask "
            + UrlRules.shown(uri)
            + ": the URL, a credential or another header has characters that HTTP forbids");
  }

  private static HttpRequest.BodyPublisher body(Content content, SendProgress progress) {
    if (content.length() == 0) {
      return HttpRequest.BodyPublishers.noBody();
    }
    HttpRequest.BodyPublisher stream =
        HttpRequest.BodyPublishers.ofInputStream(() -> progress.watch(opened(content)));
    return HttpRequest.BodyPublishers.fromPublisher(stream, content.length());
  }

  private static InputStream opened(Content content) {
    try {
      return content.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    watchdog.close();
  }
}
