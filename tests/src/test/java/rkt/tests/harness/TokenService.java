package rkt.tests.harness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The token service of a real registry: gives whoever knows the password a signed token for what
 * was asked. The registry verifies it, so a scope that is not asked for is not granted.
 */
public final class TokenService implements AutoCloseable {
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final HttpServer server;
  private final Certificates certificates;
  private final String expected;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private TokenService(HttpServer server, Certificates certificates, String expected) {
    this.server = server;
    this.certificates = certificates;
    this.expected = expected;
  }

  /** Knows one user. */
  public static TokenService start(Certificates certificates, String user, String password) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
      String pair = user + ":" + password;
      TokenService service =
          new TokenService(
              server,
              certificates,
              "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      server.createContext("/token", service::answer);
      server.start();
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For the registry's configuration file. */
  public String section() {
    return "auth:\n  token:\n    realm: http://127.0.0.1:"
        + server.getAddress().getPort()
        + "/token\n    service: test-service\n    issuer: test-issuer\n    rootcertbundle: "
        + certificates.authority()
        + "\n";
  }

  /** The queries so far. */
  public List<String> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(String.valueOf(exchange.getRequestURI().getQuery()));
    String said = exchange.getRequestHeaders().getFirst("Authorization");
    byte[] body;
    int status;
    if (expected.equals(said)) {
      status = 200;
      body = ("{\"token\":\"" + token(exchange) + "\"}").getBytes(StandardCharsets.UTF_8);
    } else {
      status = 401;
      body = "{}".getBytes(StandardCharsets.UTF_8);
    }
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String token(HttpExchange exchange) throws IOException {
    List<String> access = new ArrayList<>();
    for (String part : exchange.getRequestURI().getQuery().split("&", -1)) {
      if (part.startsWith("scope=repository:")) {
        String[] scope = part.substring("scope=".length()).split(":", -1);
        access.add(
            "{\"type\":\"repository\",\"name\":\""
                + scope[1]
                + "\",\"actions\":[\""
                + scope[2].replace(",", "\",\"")
                + "\"]}");
      }
    }
    long now = System.currentTimeMillis() / 1000;
    String header = "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"" + der() + "\"]}";
    String claims =
        "{\"iss\":\"test-issuer\",\"sub\":\"alice\",\"aud\":\"test-service\",\"jti\":\"1\",\"nbf\":"
            + (now - 60)
            + ",\"iat\":"
            + now
            + ",\"exp\":"
            + (now + 300)
            + ",\"access\":["
            + String.join(",", access)
            + "]}";
    String signed = encoded(header) + "." + encoded(claims);
    return signed + "." + URL.encodeToString(signature(signed));
  }

  private static String encoded(String json) {
    return URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private String der() throws IOException {
    return base64(certificates.certificate(), "CERTIFICATE");
  }

  private static String base64(Path pem, String what) throws IOException {
    String text = Files.readString(pem);
    int from = text.indexOf("-----BEGIN " + what + "-----") + what.length() + 16;
    return text.substring(from, text.indexOf("-----END " + what + "-----")).replaceAll("\\s", "");
  }

  private byte[] signature(String text) throws IOException {
    try {
      byte[] key = Base64.getDecoder().decode(base64(certificates.key(), "PRIVATE KEY"));
      PrivateKey signing =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(signing);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
