package rkt.image.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOptions;
import rkt.image.PullPolicy;
import rkt.image.auth.Credential;
import rkt.image.auth.Credentials;
import rkt.image.registry.RegistryLimits;
import rkt.image.registry.Reply;
import rkt.image.registry.ScriptedServer;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Who is told our credentials, and what is done about failures. */
@Timeout(60)
class WebClientTest {
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          3,
          Duration.ofMillis(1),
          2);

  @TempDir private Path directory;
  private ScriptedServer secure;
  private ScriptedServer other;
  private ScriptedServer plain;

  private static void fine(ScriptedServer.Request request, java.io.OutputStream out)
      throws IOException {
    ScriptedServer.reply(out, 200, "", new byte[] {1});
  }

  @BeforeEach
  void start() throws Exception {
    SSLContext tls = TestTls.context(directory);
    secure = new ScriptedServer(WebClientTest::fine, tls.getServerSocketFactory());
    other = new ScriptedServer(WebClientTest::fine, tls.getServerSocketFactory());
    plain = new ScriptedServer(WebClientTest::fine);
  }

  @AfterEach
  void stop() throws Exception {
    for (ScriptedServer server : new ScriptedServer[] {secure, other, plain}) {
      if (server != null) {
        server.close();
      }
    }
  }

  private WebClient client(String insecure, Credential credential) throws EngineException {
    Credentials ours =
        new Credentials() {
          @Override
          public Optional<Credential> forHost(String hostPort) {
            return hostPort.equals(secure.host()) || hostPort.equals(plain.host())
                ? Optional.of(credential)
                : Optional.empty();
          }

          @Override
          public Optional<Credential> forRepository(String host, String repository) {
            throw new AssertionError("no registry is asked");
          }
        };
    return new WebClient(
        new FetchOptions(
                InsecureOptions.parse(insecure),
                PullPolicy.UPDATE,
                Diagnostics.SILENT,
                "rkt/test",
                QUICK)
            .withCredentials(ours));
  }

  private int status(String insecure, String url) throws Exception {
    try (WebClient web = client(insecure, new Credential.Basic("bar", "baz"));
        Reply reply = web.document("ask", URI.create(url), true)) {
      return reply.status();
    }
  }

  @Test
  void credentialsGoToTheirHostOverTls() throws Exception {
    assertThat(status("tls", "https://" + secure.host() + "/a")).isEqualTo(200);
    assertThat(secure.requests().getLast().header("authorization")).isEqualTo("Basic YmFyOmJheg==");
    status("tls", "https://" + other.host() + "/a");
    assertThat(other.requests().getLast().header("authorization")).isEmpty();
    status("tls", "http://" + plain.host() + "/a");
    assertThat(plain.requests().getLast().header("authorization")).isEmpty();
  }

  @Test
  void noCredentialTravelsWithARedirect() throws Exception {
    secure.script((request, out) -> ScriptedServer.redirect(out, "https://" + other.host() + "/b"));
    status("tls", "https://" + secure.host() + "/a");
    assertThat(other.requests().getLast().header("authorization")).isEmpty();
    // Nor does a stranger send us to the host that would know us.
    secure.script(WebClientTest::fine);
    other.script((request, out) -> ScriptedServer.redirect(out, "https://" + secure.host() + "/b"));
    status("tls", "https://" + other.host() + "/a");
    assertThat(secure.requests().getLast().target()).isEqualTo("/b");
  }

  @Test
  void httpsIsNotRedirectedToHttp() throws Exception {
    secure.script((request, out) -> ScriptedServer.redirect(out, "http://" + plain.host() + "/b"));
    assertThatThrownBy(() -> status("tls", "https://" + secure.host() + "/a"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("plain HTTP");
    assertThat(plain.requests()).isEmpty();
    assertThat(status("tls,http", "https://" + secure.host() + "/a")).isEqualTo(200);
  }

  @Test
  void aCertificateNobodyVouchesForIsRefusedWithTheWayOut() {
    assertThatThrownBy(() -> status("none", "https://" + secure.host() + "/a"))
        .hasMessageContaining("--insecure-options=tls")
        .hasMessageNotContaining("baz");
    assertThat(secure.requests()).isEmpty();
  }

  @Test
  void passingFailuresAreRepeated() throws Exception {
    int[] left = {2};
    plain.script(
        (request, out) -> ScriptedServer.reply(out, left[0]-- > 0 ? 503 : 200, "", new byte[] {1}));
    assertThat(status("none", "http://" + plain.host() + "/a")).isEqualTo(200);
    assertThat(plain.requests()).hasSize(3);
    plain.script((request, out) -> ScriptedServer.reply(out, 404, "", new byte[0]));
    assertThat(status("none", "http://" + plain.host() + "/a")).isEqualTo(404);
    assertThat(plain.requests()).hasSize(4);
  }

  /** It is the server's fault, and nothing of ours is said to be wrong. */
  @Test
  void aLengthThatIsNoNumberIsTheServersFault() {
    for (String length : new String[] {"abc", "99999999999999999999"}) {
      plain.script((request, out) ->
          ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\nabc"));
      assertThatThrownBy(() -> status("none", "http://" + plain.host() + "/a"))
          .isInstanceOfSatisfying(
              EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NETWORK))
          .hasMessageEndingWith("the answer's Content-Length is no number");
    }
  }

  @Test
  void secretsInUrlsAreNotRepeated() {
    assertThatThrownBy(() -> status("none", "http://user:secret@" + plain.host() + "/a?key=secret"))
        .isInstanceOf(EngineException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void aCredentialThatCannotBeSentIsNotShown() throws Exception {
    for (Credential broken :
        new Credential[] {
          new Credential.Bearer("S3CRET\n"),
          new Credential.Aws("S3CRET\r\nX: y", "s", ""),
          new Credential.Aws("I", "s", "S3CRET\n")
        }) {
      try (WebClient web = client("tls", broken)) {
        URI uri = URI.create("https://" + secure.host() + "/a");
        assertThatThrownBy(() -> web.document("ask", uri, false))
            .isInstanceOf(EngineException.class)
            .hasMessageContaining("characters that cannot be sent")
            .hasMessageNotContaining("S3CRET");
      }
    }
    assertThat(secure.requests()).isEmpty();
  }

  @Test
  void aHeaderThatCannotBeSentIsNotShown() throws Exception {
    try (rkt.image.registry.Transport transport = rkt.image.registry.Transport.open(QUICK, false)) {
      assertThatThrownBy(() ->
              transport.get(
                  URI.create("http://" + plain.host() + "/a?S3CRET"),
                  Map.of("Authorization", "Bearer S3CRET\n"),
                  Duration.ZERO))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot ask http://" + plain.host() + "/a:")
          .hasMessageNotContaining("S3CRET")
          .hasNoCause();
    }
  }

  @Test
  void requestsForS3AreSigned() throws Exception {
    try (WebClient web = client("tls", new Credential.Aws("ID", "very-secret", ""));
        Reply reply = web.document("ask", URI.create("https://" + secure.host() + "/a"), false)) {
      assertThat(reply.status()).isEqualTo(200);
    }
    assertThat(secure.requests().getLast().header("authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=ID/")
        .contains("/us-east-1/s3/aws4_request")
        .doesNotContain("very-secret");
  }
}
