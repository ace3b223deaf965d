package rkt.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
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

/** {@link Transport} over {@code java.net.http}; the only class that touches it. */
public final class JdkTransport implements Transport {
  private final HttpClient client;
  private final Watchdog watchdog;
  private final RegistryLimits limits;

  /**
   * @param anyCertificate accept every certificate and host name
   */
  public JdkTransport(RegistryLimits limits, boolean anyCertificate) throws IOException {
    this.limits = limits;
    // HTTP/1.1: one connection per layer, so that one slow layer does not hold the flow-control
    // window of the others; and no
    // h2c upgrade header on plain HTTP, which some registries answer with an error.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(limits.connect())
            .proxy(ProxyEnvironment.fromProcess())
            .sslContext(TlsTrust.context(anyCertificate))
            .build();
    this.watchdog = new Watchdog(limits.idle());
  }

  @Override
  public Reply get(URI uri, Map<String, String> headers, Duration wholeAnswer) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(limits.response());
    headers.forEach(request::header);
    long deadline = wholeAnswer.isZero() ? 0 : (System.nanoTime() + wholeAnswer.toNanos()) | 1;
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      Map<String, List<String>> lowered = new HashMap<>();
      response
          .headers()
          .map()
          .forEach((name, values) -> lowered.put(name.toLowerCase(Locale.ROOT), values));
      return new Reply(
          uri,
          response.statusCode(),
          lowered,
          new GuardedBody(response.body(), watchdog, limits.idle(), deadline));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (HttpConnectTimeoutException e) {
      throw new Late("no connection within " + limits.connect().toMillis() + " ms", e);
    } catch (HttpTimeoutException e) {
      throw new Late("no answer within " + limits.response().toMillis() + " ms", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("cannot request " + uri + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    watchdog.close();
  }
}
