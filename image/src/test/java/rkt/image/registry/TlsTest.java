package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.auth.Credentials;
import rkt.schema.EngineException;
import rkt.schema.oci.DockerReference;

/** A registry with a certificate nobody vouches for. */
@Timeout(60)
class TlsTest {
  private static final byte[] MANIFEST =
      "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    start("elsewhere.example");
  }

  private void start(String name, String... more) throws Exception {
    server =
        new ScriptedServer(
            (request, out) ->
                ScriptedServer.reply(
                    out, 200, "application/vnd.oci.image.manifest.v1+json", MANIFEST),
            sockets(directory, name, more));
  }

  /** Sockets with a certificate that signs itself. */
  static ServerSocketFactory sockets(Path directory, String name, String... more) throws Exception {
    Path keys = Files.createTempDirectory(directory, "tls").resolve("keys.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    assumeTrue(Files.isExecutable(keytool), "this Java has no keytool to make a certificate with");
    List<String> command =
        new ArrayList<>(List.of(keytool.toString(), "-genkeypair", "-alias", "a", "-keyalg", "EC"));
    command.addAll(List.of("-dname", "CN=" + name, "-keystore", keys.toString()));
    command.addAll(List.of("-validity", "2", "-storepass", "changeit"));
    command.addAll(List.of(more));
    Process making =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    assertThat(making.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, "changeit".toCharArray());
    }
    Files.writeString(
        directory.resolve("own.pem"),
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(store.getCertificate("a").getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  private PulledManifest pull(boolean anyCertificate, boolean plainHttp) throws Exception {
    String host = server.host();
    HostRules rules = HostRules.options(plainHttp, anyCertificate);
    try (Wire wire =
        Wire.of(rules, RegistryLimits.DEFAULT, Diagnostics.SILENT, "rkt/test", Credentials.NONE)) {
      return new ManifestPuller(new RegistryCaller(new Place(host, "a/b"), wire))
          .pull("fetch x", DockerReference.parse("docker://" + host + "/a/b:t"));
    }
  }

  @Test
  void isRefusedAndTheWayOutIsNamed() {
    assertThatThrownBy(() -> pull(false, false))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("its certificate is signed by an unknown authority")
        .hasMessageContaining("certificate authority or name it in registries.d")
        .hasMessageContaining("--insecure-options=tls")
        .hasMessageNotContaining("PKIX");
    assertThat(server.requests()).isEmpty();
  }

  /** Asks as somebody who knows the authority, for the reason and the way out. */
  private String refusal() throws Exception {
    TlsSettings tls =
        new TlsSettings(false, List.of(directory.resolve("own.pem")), Optional.empty());
    try (JdkTransport transport = new JdkTransport(RegistryLimits.DEFAULT, tls)) {
      transport
          .get(URI.create("https://" + server.host() + "/v2/"), Map.of(), Duration.ZERO)
          .close();
      return "";
    } catch (IOException e) {
      return Failures.transport("fetch x", "r.example", e).getMessage();
    }
  }

  @Test
  void aKnownAuthorityVouchesForTheRightName() throws Exception {
    server.close();
    start("a", "-ext", "san=ip:127.0.0.1");
    assertThat(refusal()).isEmpty();
  }

  @Test
  void anotherNameIsSaidToBeTheReason() throws Exception {
    assertThat(refusal())
        .startsWith("fetch x: r.example: its certificate is for another host name (")
        .contains("(use a host name that the certificate is for")
        .doesNotContain("install");
  }

  @Test
  void anOldAndAnEarlyCertificateAreSaidToBe() {
    TlsProblem old = TlsProblem.of(invalid(new CertificateExpiredException("NotAfter: long ago")));
    assertThat(old.words()).isEqualTo("its certificate has expired (NotAfter: long ago)");
    assertThat(old.remedy("server")).contains("is this machine's clock right?");
    assertThat(TlsProblem.of(invalid(new CertificateNotYetValidException("soon"))).words())
        .isEqualTo("its certificate is not valid yet (soon)");
  }

  /** As Java wraps it. */
  private static SSLException invalid(CertificateException why) {
    return new SSLHandshakeException(
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity"
            + " check failed",
        new CertPathValidatorException("validity check failed", why));
  }

  @Test
  void aMissingFileOfAuthoritiesIsToBeMendedAndNotGoneAround() {
    SSLException e =
        new SSLHandshakeException(
            "(certificate_unknown) cannot read the certificates to trust: cannot read /nope: no"
                + " such file");
    assertThat(TlsProblem.of(e).words())
        .isEqualTo("cannot read the certificates to trust: cannot read /nope: no such file");
    assertThat(TlsProblem.of(e).remedy("server"))
        .isEqualTo("mend that file or what names it: SSL_CERT_FILE");
  }

  /** To accept any certificate would not help. */
  @Test
  void aServerThatHangsUpIsNotSaidToHaveABadCertificate() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        JdkTransport transport = new JdkTransport(RegistryLimits.DEFAULT, TlsSettings.STRICT)) {
      Thread hangingUp =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket client = listening.accept()) {
                  client.getInputStream().read(new byte[1 << 16]);
                  listening.close(); // a second try would wait for an answer
                } catch (IOException e) {
                  // The client says what came of it.
                }
              });
      URI uri = URI.create("https://127.0.0.1:" + listening.getLocalPort() + "/v2/");
      assertThatThrownBy(() -> transport.get(uri, Map.of(), Duration.ZERO).close())
          .isInstanceOfSatisfying(
              IOException.class,
              e ->
                  assertThat(Failures.transport("fetch x", "r.example", e))
                      .hasMessageNotContaining("--insecure-options=tls"));
      hangingUp.join();
    }
  }

  @Test
  void plainHttpIsRecognized() throws Exception {
    server.close();
    server = new ScriptedServer((request, out) -> {});
    assertThat(refusal())
        .isEqualTo(
            "fetch x: r.example: what answers there is not TLS (it seems to speak plain HTTP;"
                + " --insecure-options=http allows that)");
  }

  @Test
  void isAcceptedWhenTheUserSaysSo() throws Exception {
    assertThat(pull(true, false).bytes()).isEqualTo(MANIFEST);
  }

  @Test
  void plainHttpIsNoWayAroundACertificate() {
    assertThatThrownBy(() -> pull(false, true)).isInstanceOf(EngineException.class);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aRegistryOnLoopbackThatSpeaksTlsIsFoundAlthoughPlainHttpWasTriedFirst() throws Exception {
    assertThat(pull(true, true).bytes()).isEqualTo(MANIFEST);
  }
}
