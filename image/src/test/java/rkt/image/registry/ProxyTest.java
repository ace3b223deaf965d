package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests through a proxy that leads every name to one server. */
@Timeout(60)
class ProxyTest {
  private static final String SECRET = "Basic dTpwdyt4OnkgYQ==";

  @TempDir private Path directory;
  private Proxy proxy;
  private ScriptedServer origin;

  @BeforeEach
  void start() throws Exception {
    proxy = new Proxy();
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    if (origin != null) {
      origin.close();
    }
  }

  /** Knows CONNECT and plain requests; wants credentials when told to. */
  private static final class Proxy implements AutoCloseable {
    final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final List<String> heads = new CopyOnWriteArrayList<>();
    volatile String answer = "";
    volatile int target;

    Proxy() throws IOException {
      Thread.ofPlatform().daemon().start(this::accept);
    }

    String host() {
      return "127.0.0.1:" + socket.getLocalPort();
    }

    private void accept() {
      while (!socket.isClosed()) {
        try {
          Socket connection = socket.accept();
          Thread.ofVirtual().start(() -> serve(connection));
        } catch (IOException e) {
          return;
        }
      }
    }

    private void serve(Socket client) {
      try (client) {
        String head = head(client.getInputStream());
        heads.add(head);
        OutputStream out = client.getOutputStream();
        if (!answer.isEmpty() || target == 0) {
          ScriptedServer.raw(out, answer.isEmpty() ? "HTTP/1.1 200 Fine\r\n\r\n" : answer);
          return;
        }
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
          ScriptedServer.raw(out, "HTTP/1.1 200 Fine\r\n\r\n");
          Thread.ofVirtual().start(() -> copy(client, server));
          server.getInputStream().transferTo(out);
        }
      } catch (IOException e) {
        // One of the two has hung up.
      }
    }

    private static void copy(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException e) {
        // One of the two has hung up.
      }
    }

    private static String head(InputStream in) throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          break;
        }
        head.write(b);
      }
      return head.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String get(String url, String proxy) throws IOException {
    ProxyEnvironment environment =
        new ProxyEnvironment(Map.of("HTTP_PROXY", proxy, "HTTPS_PROXY", proxy));
    try (JdkTransport transport =
            new JdkTransport(RegistryLimits.DEFAULT, TlsSettings.anyone(), environment);
        Reply reply = transport.get(URI.create(url), Map.of("X-A", "b"), Duration.ZERO)) {
      return reply.status() + " " + new String(reply.body().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTunnelIsAskedForWithCredentialsThatTheServerNeverSees() throws Exception {
    origin =
        new ScriptedServer(
            (request, out) -> ScriptedServer.reply(out, 200, "", "hello".getBytes()),
            TlsTest.sockets(directory, "elsewhere.example"));
    proxy.target = Integer.parseInt(origin.host().substring("127.0.0.1:".length()));
    String answer = get("https://registry.example/v2/", "http://u:pw%2Bx%3Ay%20a@" + proxy.host());
    assertThat(answer).isEqualTo("200 hello");
    assertThat(proxy.heads).singleElement().asString().startsWith("CONNECT registry.example:443 ");
    assertThat(proxy.heads.getFirst()).contains("Proxy-Authorization: " + SECRET + "\r\n");
    assertThat(origin.requests())
        .singleElement()
        .satisfies(request -> {
          assertThat(request.header("x-a")).isEqualTo("b");
          assertThat(request.headers()).doesNotContainKey("proxy-authorization");
        });
  }

  @Test
  void aPlainRequestCarriesThemToTheProxy() throws Exception {
    proxy.answer = "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nhi";
    assertThat(get("http://registry.example/v2/", "u:pw%2Bx%3Ay%20a@" + proxy.host()))
        .isEqualTo("200 hi");
    assertThat(proxy.heads.getFirst())
        .startsWith("GET http://registry.example/v2/ ")
        .contains("Proxy-Authorization: " + SECRET + "\r\n");
  }

  @Test
  void aServerThatIsAskedDirectlySeesNone() throws Exception {
    origin = new ScriptedServer((request, out) -> ScriptedServer.reply(out, 407, "", new byte[0]));
    assertThat(get("http://" + origin.host() + "/", "http://u:pw@" + proxy.host()))
        .isEqualTo("407 ");
    assertThat(origin.requests().getFirst().headers()).doesNotContainKey("proxy-authorization");
    assertThat(proxy.heads).isEmpty();
  }

  @Test
  void missingOrWrongCredentialsAreNamedAsTheProblem() {
    proxy.answer =
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
    for (String url : List.of("https://registry.example/", "http://registry.example/")) {
      assertThatThrownBy(() -> get(url, "http://" + proxy.host()))
          .isInstanceOf(ProxyFailure.class)
          .hasMessage("proxy " + proxy.host() + " wants credentials");
      assertThatThrownBy(() -> get(url, "http://u:geheim@" + proxy.host()))
          .isInstanceOf(ProxyFailure.class)
          .hasMessage("proxy " + proxy.host() + " wants other credentials");
    }
  }

  @Test
  void aDeadProxyIsNotTheServersFault() throws Exception {
    String host = proxy.host();
    proxy.close();
    for (String url : List.of("https://registry.example/", "http://registry.example/")) {
      assertThatThrownBy(() -> get(url, "http://u:geheim@" + host))
          .isInstanceOf(ProxyFailure.class)
          .hasMessageStartingWith("cannot connect to proxy " + host + " (named by HTTP")
          .hasMessageEndingWith("connection refused")
          .hasMessageNotContaining("geheim");
    }
  }

  @Test
  void aProxyThatGivesNoTunnelIsNamed() {
    proxy.answer = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    assertThatThrownBy(() -> get("https://registry.example/", proxy.host()))
        .hasMessageContaining("through proxy " + proxy.host())
        .hasMessageContaining("502");
  }
}
