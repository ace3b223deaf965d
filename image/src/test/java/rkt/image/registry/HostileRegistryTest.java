package rkt.image.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.Diagnostics;
import rkt.image.auth.Credentials;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;

/**
 * What a registry may do to us, one test each; none may hang, loop, leak a token or pass off wrong
 * bytes.
 */
@Timeout(60)
class HostileRegistryTest {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofMillis(2000),
          Duration.ofMillis(400),
          Duration.ofMillis(400),
          3,
          Duration.ofMillis(5),
          2);
  private static final byte[] MANIFEST =
      ("{\"schemaVersion\":2,\"mediaType\":\"" + OCI + "\",\"config\":{},\"layers\":[]}")
          .getBytes(StandardCharsets.UTF_8);

  private static final String STALLED =
      "(?s).*(no data came for|no more than [0-9]+ bytes came in) 400 ms.*";

  private ScriptedServer server;
  private Wire wire;
  private RegistryCaller caller;
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> debug = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer((request, out) -> {});
    speak(true);
  }

  private void speak(boolean plainHttp) {
    Diagnostics lines =
        new Diagnostics() {
          @Override
          public void debug(String line) {
            debug.add(line);
          }

          @Override
          public void warn(String line) {}
        };
    wire = Wire.of(HostRules.options(plainHttp, false), QUICK, lines, "rkt/test", Credentials.NONE);
    caller = new RegistryCaller(new Place(server.host(), "a/b"), wire);
  }

  @AfterEach
  void stop() throws IOException {
    over.countDown();
    wire.close();
    server.close();
  }

  private PulledManifest pull() throws EngineException {
    return new ManifestPuller(caller)
        .pull("fetch x", reference("docker://" + server.host() + "/a/b:t"));
  }

  private static DockerReference reference(String text) {
    return DockerReference.parse(text);
  }

  private byte[] blob(byte[] content, int size) throws Exception {
    Descriptor descriptor =
        new Descriptor(
            "application/octet-stream",
            Digests.of("sha256", content),
            size,
            Optional.empty(),
            Map.of(),
            List.of());
    try (InputStream in =
        new BlobPuller(List.of(caller), Diagnostics.SILENT)
            .open("fetch x", descriptor, 0, count -> {})) {
      return in.readAllBytes();
    }
  }

  @Test
  void anHonestRegistryIsUnderstood() throws Exception {
    server.script((request, out) -> ScriptedServer.reply(out, 200, OCI, MANIFEST));
    PulledManifest pulled = pull();
    assertThat(pulled.bytes()).isEqualTo(MANIFEST);
    assertThat(pulled.digest()).isEqualTo(Digests.of("sha256", MANIFEST));
    ScriptedServer.Request request = server.requests().getFirst();
    assertThat(request.target()).isEqualTo("/v2/a/b/manifests/t");
    assertThat(request.header("user-agent")).isEqualTo("rkt/test");
    assertThat(request.header("accept"))
        .contains(OCI, "manifest.list.v2+json", "image.index.v1+json");
  }

  @Test
  void plainHttpIsNotSpokenUnlessAllowed() throws Exception {
    wire.close();
    speak(false);
    assertThatThrownBy(this::pull).hasMessageContaining("--insecure-options=http");
    assertThat(server.requests()).noneMatch(request -> request.target().startsWith("/v2"));
  }

  @Test
  void silenceBeforeTheHeadersIsBounded() {
    server.script((request, out) -> over.await());
    assertThatThrownBy(this::pull).hasMessageContaining("no answer within 400 ms");
  }

  @Test
  void silenceInsideABodyIsBounded() {
    server.script((request, out) -> {
      ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
      over.await();
    });
    assertThatThrownBy(this::pull).hasMessageContaining("no more than 3 bytes came in 400 ms");
    // The last try only skips what it has: nothing new came.
    assertThatThrownBy(() -> blob(new byte[100], 100)).hasMessageMatching(STALLED);
  }

  @Test
  void aManifestFedByteByByteIsCutOff() {
    server.script((request, out) -> {
      ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      while (!over.await(50, TimeUnit.MILLISECONDS)) {
        ScriptedServer.raw(out, " ");
      }
    });
    assertThatThrownBy(this::pull).hasMessageMatching(STALLED);
  }

  @Test
  void headersFedByteByByteAreCutOff() {
    server.script((request, out) -> {
      ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nX-Endless: ");
      while (!over.await(50, TimeUnit.MILLISECONDS)) {
        ScriptedServer.raw(out, "x");
      }
    });
    assertThatThrownBy(this::pull)
        .hasMessageContaining(server.host())
        .hasMessageContaining("no answer within 400 ms");
  }

  /** Nobody waits a week for a layer; what came stays, and the rest is asked for. */
  @Test
  void aBlobFedByteByByteIsCutOffAndGoneOnWith() throws Exception {
    byte[] content = "all of these bytes come slowly, one after the other".getBytes(US_ASCII);
    server.script((request, out) -> drip(request, out, content));
    assertThatThrownBy(() -> blob(content, content.length))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("no more than [1-9][0-9]* bytes came in 400 ms");
    assertThat(server.requests()).hasSize(3);
    assertThat(server.requests().get(1).header("range")).matches("bytes=[1-9][0-9]*-");
    server.script((request, out) -> {
      if (server.requests().size() == 4) {
        drip(request, out, content);
      } else {
        rest(request, out, content);
      }
    });
    assertThat(blob(content, content.length)).isEqualTo(content);
  }

  /** However often that happens: what counts is that it gets on. */
  @Test
  void aLargeBlobMayBreakManyTimes() throws Exception {
    byte[] content = new byte[20 << 20];
    new Random(1).nextBytes(content);
    server.script((request, out) -> {
      int from = head(request, out, content.length);
      out.write(content, from, Math.min(content.length - from, 4 << 20));
    });
    assertThat(blob(content, content.length)).isEqualTo(content);
    assertThat(server.requests()).hasSizeGreaterThan(QUICK.attempts());
  }

  private static void rest(ScriptedServer.Request request, OutputStream out, byte[] content)
      throws IOException {
    int from = head(request, out, content.length);
    out.write(content, from, content.length - from);
  }

  private static int head(ScriptedServer.Request request, OutputStream out, int length)
      throws IOException {
    String range = request.header("range").replaceAll("[^0-9]", "");
    int from = range.isEmpty() ? 0 : Integer.parseInt(range);
    ScriptedServer.raw(
        out,
        (range.isEmpty() ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Part\r\n")
            + (range.isEmpty()
                ? ""
                : "Content-Range: bytes " + from + "-" + (length - 1) + "/" + length + "\r\n")
            + "Content-Length: "
            + (length - from)
            + "\r\n\r\n");
    return from;
  }

  /** Far more often than the longest silence that is allowed, and far too little. */
  private void drip(ScriptedServer.Request request, OutputStream out, byte[] content)
      throws Exception {
    for (int at = head(request, out, content.length); at < content.length - 1; at++) {
      ScriptedServer.raw(out, String.valueOf((char) content[at]));
      if (over.await(50, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    over.await();
  }

  /** The bound on the whole exchange is hours for a large image. */
  @Test
  void anUploadThatIsNotTakenIsBounded() throws Exception {
    byte[] chunk = new byte[1 << 20];
    RegistryLimits limits =
        new RegistryLimits(
            QUICK.connect(), Duration.ofMinutes(1), QUICK.idle(), 1, QUICK.backOff(), 1);
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        JdkTransport transport = new JdkTransport(limits, false)) {
      URI uri = URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/");
      Transport.Content content =
          new Transport.Content() {
            @Override
            public long length() {
              return 100L * chunk.length;
            }

            @Override
            public InputStream open() {
              return new SequenceInputStream(
                  Collections.enumeration(
                      Collections.nCopies(100, chunk).stream()
                          .map(bytes -> (InputStream) new ByteArrayInputStream(bytes))
                          .toList()));
            }
          };
      assertThatThrownBy(() ->
              transport
                  .send(new Transport.Request("PATCH", uri, Map.of(), content, Duration.ZERO))
                  .close())
          .hasMessage("nothing more of what is sent was taken for 400 ms");
    }
  }

  @Test
  void anUploadThatIsTakenAndNeverAnsweredIsBounded() {
    server.script((request, out) -> over.await());
    RegistryLimits limits =
        new RegistryLimits(
            QUICK.connect(), Duration.ofMinutes(1), QUICK.idle(), 1, QUICK.backOff(), 1);
    assertThatThrownBy(
            () -> {
              try (JdkTransport transport = new JdkTransport(limits, false)) {
                URI uri = URI.create("http://" + server.host() + "/");
                Transport.Content content = Transport.Content.of(new byte[1000]);
                transport
                    .send(new Transport.Request("PATCH", uri, Map.of(), content, Duration.ZERO))
                    .close();
              }
            })
        .hasMessage("nothing more of what is sent was taken for 400 ms");
  }

  @Test
  void redirectsInCirclesEnd() {
    server.script((request, out) -> ScriptedServer.redirect(out, request.target()));
    assertThatThrownBy(this::pull).hasMessageContaining("too many redirects");
    assertThat(server.requests()).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://h/x",
        "http://",
        "http://u:p@h/x",
        ":",
        "javascript:x"
      })
  void redirectsToOddPlacesAreRefused(String location) {
    server.script((request, out) -> ScriptedServer.redirect(out, location));
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED));
  }

  @Test
  void aRedirectWithoutAPlaceIsRefused() {
    server.script((request, out) -> ScriptedServer.reply(out, 302, "", new byte[0]));
    assertThatThrownBy(this::pull).hasMessageContaining("names no place");
  }

  @Test
  void aTokenStaysWithItsHost() throws Exception {
    try (ScriptedServer other =
        new ScriptedServer((request, out) -> ScriptedServer.reply(out, 200, OCI, MANIFEST))) {
      server.script((request, out) -> {
        if (request.target().startsWith("/token")) {
          ScriptedServer.reply(
              out,
              200,
              "application/json",
              "{\"token\":\"secret\"}".getBytes(StandardCharsets.UTF_8));
        } else if (request.header("authorization").isEmpty()) {
          challenge(out);
        } else if (request.target().endsWith("/t")) {
          ScriptedServer.redirect(out, "/moved");
        } else {
          ScriptedServer.redirect(out, "http://" + other.host() + "/elsewhere");
        }
      });
      assertThat(pull().bytes()).isEqualTo(MANIFEST);
      assertThat(other.requests())
          .singleElement()
          .satisfies(r -> assertThat(r.headers()).doesNotContainKey("authorization"));
      assertThat(server.requests().getLast().header("authorization")).isEqualTo("Bearer secret");
      assertThat(server.requests().get(1).target())
          .isEqualTo("/token?service=svc&scope=repository%3Aa%2Fb%3Apull");
    }
  }

  private void challenge(java.io.OutputStream out) throws IOException {
    ScriptedServer.reply(
        out,
        401,
        "application/json",
        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"go away\"}]}"
            .getBytes(StandardCharsets.UTF_8),
        "WWW-Authenticate: Bearer realm=\"http://" + server.host() + "/token\",service=\"svc\"");
  }

  @Test
  void endless401sEnd() {
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        ScriptedServer.reply(
            out,
            200,
            "application/json",
            "{\"access_token\":\"t\"}".getBytes(StandardCharsets.UTF_8));
      } else {
        challenge(out);
      }
    });
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PERMISSION))
        .hasMessageContaining("UNAUTHORIZED: go away")
        .hasMessageContaining("401");
    assertThat(server.requests()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic realm=\"x\"",
        "Bearer service=\"x\"",
        "Bearer realm=\"file:///etc/passwd\"",
        "Bearer realm=\"ftp://h/\"",
        "Bearer realm=\"::\"",
        "Bearer realm=\"http://u:p@127.0.0.1/\""
      })
  void uselessChallengesAreRefused(String challenge) {
    server.script((request, out) ->
        ScriptedServer.reply(out, 401, "", new byte[0], "WWW-Authenticate: " + challenge));
    assertThatThrownBy(this::pull).isInstanceOf(EngineException.class);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aTokenServiceObeysTheSchemeRule() throws Exception {
    // Seen from a registry on https; only the rule itself can be asked here, the scripted server
    // speaks plain HTTP.
    TokenSource tokens =
        new TokenSource(
            new Place("registry", "a/b"),
            new UrlRules(false),
            Credentials.NONE,
            request -> {
              throw new AssertionError("asked " + request.uri());
            });
    Reply refused =
        new Reply(
            java.net.URI.create("https://registry/v2/"),
            401,
            Map.of("www-authenticate", List.of("Bearer realm=\"http://auth/token\"")),
            InputStream.nullInputStream());
    assertThatThrownBy(() -> tokens.answer("fetch x", refused, Scope.PULL))
        .hasMessageContaining("--insecure-options=http");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "{}",
        "{\"token\":1}",
        "{\"token\":\"\"}",
        "{\"token\":\"a\\r\\nX: y\"}",
        "{\"token\":\"\\u00e9\"}",
        "[]"
      })
  void uselessTokensAreRefused(String answer) {
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        ScriptedServer.reply(out, 200, "application/json", answer.getBytes(StandardCharsets.UTF_8));
      } else {
        challenge(out);
      }
    });
    assertThatThrownBy(this::pull).hasMessageContaining("token");
  }

  @Test
  void aHugeTokenIsNotRead() {
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{");
        over.await();
      } else {
        challenge(out);
      }
    });
    assertThatThrownBy(this::pull).hasMessageContaining("larger than");
  }

  @Test
  void aHugeManifestIsNotRead() {
    server.script((request, out) -> {
      ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Type: " + OCI + "\r\n\r\n");
      byte[] spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 1000; i++) {
        out.write(spaces);
      }
    });
    assertThatThrownBy(this::pull).hasMessageContaining("larger than the allowed 4194304 bytes");
  }

  @Test
  void deepJsonIsRefused() {
    byte[] deep = "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    server.script((request, out) -> ScriptedServer.reply(out, 200, OCI, deep));
    assertThatThrownBy(this::pull)
        .hasMessageContaining("gives no image manifest")
        .hasMessageContaining("column");
  }

  @Test
  void htmlIsCalledWhatItIs() {
    server.script((request, out) ->
        ScriptedServer.reply(
            out, 200, "text/html; charset=utf-8", "<html>hello".getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(this::pull)
        .hasMessageContaining("media type text/html")
        .hasMessageContaining("is a registry running there?");
  }

  @Test
  void schema1IsRefusedWithAWayOut() {
    byte[] old = "{\"schemaVersion\":1,\"name\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    server.script((request, out) ->
        ScriptedServer.reply(
            out, 200, "application/vnd.docker.distribution.manifest.v1+prettyjws", old));
    assertThatThrownBy(this::pull).hasMessageContaining("schema 1").hasMessageContaining("skopeo");
    server.script((request, out) -> ScriptedServer.reply(out, 200, "application/json", old));
    assertThatThrownBy(this::pull).hasMessageContaining("schema 1");
  }

  @Test
  void anotherMediaTypeIsRefused() {
    server.script((request, out) ->
        ScriptedServer.reply(
            out, 200, "application/json", "{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(this::pull).hasMessageContaining("not an image manifest or index");
  }

  @Test
  void aManifestWithAnotherDigestThanDeclaredIsRefused() {
    server.script((request, out) ->
        ScriptedServer.reply(
            out, 200, OCI, MANIFEST, "Docker-Content-Digest: sha256:" + "00".repeat(32)));
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("the registry declares sha256:0000");
    server.script((request, out) ->
        ScriptedServer.reply(out, 200, OCI, MANIFEST, "Docker-Content-Digest: sha256:../../x"));
    assertThatThrownBy(this::pull).hasMessageContaining("malformed digest");
  }

  @Test
  void aManifestWithAnotherDigestThanAskedForIsRefused() {
    server.script((request, out) -> ScriptedServer.reply(out, 200, OCI, MANIFEST));
    DockerReference byDigest =
        reference("docker://" + server.host() + "/a/b@sha256:" + "11".repeat(32));
    assertThatThrownBy(() -> new ManifestPuller(caller).pull("fetch x", byDigest))
        .hasMessageContaining("expected sha256:1111");
    Descriptor longer =
        new Descriptor(
            OCI,
            Digests.of("sha256", MANIFEST),
            MANIFEST.length + 1,
            Optional.empty(),
            Map.of(),
            List.of());
    assertThatThrownBy(() -> new ManifestPuller(caller).pull("fetch x", longer))
        .hasMessageContaining("its index says " + (MANIFEST.length + 1));
  }

  @Test
  void aMissingImageIsNotFound() {
    server.script((request, out) ->
        ScriptedServer.reply(
            out,
            404,
            "application/json",
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest \\u001b[31munknown\\n\"}]}"
                .getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("bad HTTP status code: 404 (MANIFEST_UNKNOWN: manifest  [31munknown)")
        .hasMessageNotContaining("\u001b");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void passingTroubleIsRiddenOut() throws Exception {
    AtomicInteger count = new AtomicInteger();
    server.script((request, out) -> {
      switch (count.getAndIncrement()) {
        case 0 -> ScriptedServer.reply(out, 503, "", new byte[0], "Retry-After: 0");
        case 1 -> ScriptedServer.raw(out, "");
        default -> ScriptedServer.reply(out, 200, OCI, MANIFEST);
      }
    });
    assertThat(pull().bytes()).isEqualTo(MANIFEST);
    assertThat(debug).anyMatch(line -> line.contains("503"));
  }

  @Test
  void lastingTroubleEnds() {
    server.script((request, out) -> ScriptedServer.reply(out, 500, "", new byte[0]));
    assertThatThrownBy(this::pull).hasMessageContaining("bad HTTP status code: 500");
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void garbageInsteadOfHttpIsAnError() {
    server.script((request, out) -> ScriptedServer.raw(out, "SSH-2.0-OpenSSH\r\n\r\n\u0000\u0001"));
    assertThatThrownBy(this::pull)
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(server.host());
  }

  @Test
  void aRefusedConnectionSaysWhere() throws Exception {
    String host = server.host();
    server.close();
    assertThatThrownBy(this::pull)
        .hasMessageContaining(host)
        .hasMessageContaining("is the registry running there?");
  }

  @Test
  void aBlobOfAnotherDeclaredLengthIsRefusedBeforeItIsRead() {
    server.script((request, out) -> ScriptedServer.reply(out, 200, "", new byte[11]));
    assertThatThrownBy(() -> blob(new byte[10], 10))
        .hasMessageContaining("declared as 11 bytes, its descriptor says 10");
  }

  @Test
  void aBlobThatGoesOnIsRefused() {
    server.script((request, out) ->
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789more"));
    assertThatThrownBy(() -> blob(new byte[10], 10))
        .hasMessageContaining("longer than the 10 bytes");
  }

  @Test
  void aBlobThatEndsEarlyIsRefused() {
    server.script((request, out) ->
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123"));
    assertThatThrownBy(() -> blob(new byte[10], 10))
        .hasMessageContaining("ends after 4 of 10 bytes");
  }

  @Test
  void aBrokenDownloadGoesOnWhereItBroke() throws Exception {
    byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
    server.script((request, out) -> {
      if (request.header("range").isEmpty()) {
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
      } else {
        assertThat(request.header("range")).isEqualTo("bytes=4-");
        ScriptedServer.raw(
            out,
            "HTTP/1.1 206 Partial\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\nConnection: close\r\n\r\n456789");
      }
    });
    assertThat(blob(content, 10)).isEqualTo(content);
  }

  @Test
  void aRegistryWithoutRangesIsReadAgain() throws Exception {
    byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
    AtomicInteger count = new AtomicInteger();
    server.script((request, out) -> {
      if (count.getAndIncrement() == 0) {
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
      } else {
        ScriptedServer.reply(out, 200, "", content);
      }
    });
    assertThat(blob(content, 10)).isEqualTo(content);
  }

  @Test
  void aResumeAtAnotherPlaceIsRefused() {
    server.script((request, out) -> {
      if (request.header("range").isEmpty()) {
        ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
      } else {
        ScriptedServer.raw(
            out,
            "HTTP/1.1 206 Partial\r\nContent-Range: bytes 3-8/10\r\nContent-Length: 6\r\nConnection: close\r\n\r\nxxxxxx");
      }
    });
    assertThatThrownBy(() -> blob(new byte[10], 10))
        .hasMessageContaining("resumes at another place");
  }

  @Test
  void aPartNobodyAskedForIsRefused() {
    server.script((request, out) ->
        ScriptedServer.reply(out, 206, "", new byte[10], "Content-Range: bytes 5-14/20"));
    assertThatThrownBy(() -> blob(new byte[10], 10)).hasMessageContaining("a part of the blob");
  }

  @Test
  void contentEncodingIsNeverUndone() throws Exception {
    byte[] content = {0x1f, (byte) 0x8b, 1, 2, 3};
    server.script(
        (request, out) -> ScriptedServer.reply(out, 200, "", content, "Content-Encoding: gzip"));
    assertThat(blob(content, 5)).isEqualTo(content);
    assertThat(server.requests().getFirst().header("accept-encoding")).isEqualTo("identity");
  }

  @Test
  void aMissingBlobIsNotFound() {
    server.script((request, out) -> ScriptedServer.reply(out, 404, "", new byte[0]));
    Digest digest = Digests.of("sha256", new byte[3]);
    assertThatThrownBy(() -> blob(new byte[3], 3))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining(digest.toString());
  }
}
