package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An image server on {@code https://localhost}, with a certificate nobody vouches for. It answers
 * GET only, tells where its images are ({@code ac-discovery}), knows entity tags and ranges, and
 * lets images be cached for a day.
 */
public final class AciServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String authorization = "";
  private volatile boolean deferring;
  private volatile boolean validators = true;
  private volatile int cutAt = -1;
  private volatile boolean stalling;

  private volatile String page =
      tag("https://localhost/{name}.{ext}")
          + "<meta name=\"ac-discovery-pubkeys\" content=\"localhost https://localhost/key.asc\">";

  /**
   * @param home where the key goes
   */
  public AciServer(Path home) {
    this(tls(home, List.of("-validity", "2")), 443);
  }

  private AciServer(@Nullable SSLContext tls, int port) {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
      if (tls == null) {
        server = HttpServer.create(address, 0);
      } else {
        HttpsServer secure = HttpsServer.create(address, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        server = secure;
      }
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    } catch (IOException e) {
      throw new IllegalStateException("cannot start the image server", e);
    }
  }

  /**
   * With a certificate that was good until last week. Nothing else is wrong with it: who signed it
   * is in {@link #authority}.
   */
  public static AciServer expired(Path home) {
    List<String> issuer =
        List.of("-alias", "ca", "-dname", "CN=test-authority", "-ext", "bc:c", "-validity", "30");
    generate(home, issuer);
    keytool(home, "-exportcert", "-rfc", "-alias", "ca", "-file", authority(home).toString());
    return new AciServer(
        tls(home, List.of("-signer", "ca", "-startdate", "-10d", "-validity", "3")), 443);
  }

  /** Who signed the certificate of {@link #expired}, in PEM. */
  public static Path authority(Path home) {
    return home.resolve("authority.pem");
  }

  /** On {@code http://localhost}; {@link #url} still says https. */
  public static AciServer plain() {
    return new AciServer(null, 80);
  }

  /** One tag of a discovery page. */
  public static String tag(String template) {
    return "<meta name=\"ac-discovery\" content=\"localhost " + template + "\">";
  }

  /** Answers discovery with this page. */
  public void discovers(String html) {
    page = html;
  }

  private static SSLContext tls(Path home, List<String> validity) {
    try {
      return context(home, validity);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a certificate", e);
    }
  }

  private static SSLContext context(Path home, List<String> validity)
      throws IOException, GeneralSecurityException {
    List<String> options = new ArrayList<>(validity);
    options.addAll(List.of("-alias", "a", "-dname", "CN=localhost", "-ext", "SAN=DNS:localhost"));
    generate(home, options);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys(home))) {
      store.load(in, "changeit".toCharArray());
    }
    if (store.containsAlias("ca")) {
      store.deleteEntry("ca");
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static Path keys(Path home) {
    return home.resolve("server.p12");
  }

  private static void generate(Path home, List<String> options) {
    List<String> all = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC"));
    all.addAll(options);
    keytool(home, all.toArray(String[]::new));
  }

  private static void keytool(Path home, String... options) {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    assumeTrue(Files.isExecutable(keytool), "this Java has no keytool to make a certificate with");
    List<String> command = new ArrayList<>(List.of(keytool.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-keystore", keys(home).toString(), "-storepass", "changeit"));
    Rkt.exec(command.toArray(String[]::new)).ok();
  }

  /** Serves a file; returns its URL. */
  public String put(String name, byte[] bytes) {
    files.put(name, bytes);
    return url(name);
  }

  public String url(String name) {
    return "https://localhost/" + name;
  }

  /** Wants this header {@code Authorization}; empty for everybody. */
  public void wants(String header) {
    authorization = header;
  }

  /** Answers 202 to a request for a signature until the image was fetched. */
  public void defersSignatures() {
    deferring = true;
  }

  /** No entity tags any more. */
  public void forgetsVersions() {
    validators = false;
  }

  /** Cuts the next body there. */
  public void cutNext(int bytes) {
    cutAt = bytes;
  }

  /** Sends that much of the next body and then nothing, until the client has gone. */
  public void stallsAt(int bytes) {
    cutAt = bytes;
    stalling = true;
  }

  /** Method, path and range of everything asked. */
  public List<String> asked() {
    return asked;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      asked.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
      String shown = exchange.getRequestHeaders().getFirst("Authorization");
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
      } else if (!authorization.isEmpty() && !authorization.equals(shown)) {
        exchange.sendResponseHeaders(401, -1);
      } else if (exchange.getRequestURI().getQuery() != null) {
        byte[] html = page.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, html.length);
        exchange.getResponseBody().write(html);
      } else {
        file(exchange, path.substring(path.lastIndexOf('/') + 1), range);
      }
    }
  }

  private void file(HttpExchange exchange, String name, String range) throws IOException {
    byte[] bytes = files.get(name);
    if (name.endsWith(".aci.asc") && deferring) {
      exchange.sendResponseHeaders(202, -1);
      return;
    }
    if (bytes == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    deferring = deferring && !name.endsWith(".aci");
    String etag = '"' + hash(bytes) + '"';
    if (validators) {
      exchange.getResponseHeaders().set("ETag", etag);
    }
    exchange.getResponseHeaders().set("Cache-Control", "max-age=86400");
    if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    int from = 0;
    if (range != null && validators) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    }
    int length = bytes.length - from;
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
    OutputStream out = exchange.getResponseBody();
    if (cutAt >= 0 && cutAt < length) {
      out.write(bytes, from, cutAt);
      out.flush();
      cutAt = -1;
      if (stalling) {
        stalling = false;
        stall();
      }
      throw new IOException("cut");
    }
    out.write(bytes, from, length);
  }

  private void stall() throws IOException {
    try {
      Thread.sleep(java.time.Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      throw new IOException("the test is over", e);
    }
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
