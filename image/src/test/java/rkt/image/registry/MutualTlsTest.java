package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.auth.Credentials;
import rkt.schema.EngineException;
import rkt.schema.oci.DockerReference;

/** A registry with an authority of its own that wants to see a certificate. */
@Timeout(60)
class MutualTlsTest {
  private static final byte[] MANIFEST =
      "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path directory;
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    Path keys = directory.resolve("keys.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    assumeTrue(Files.isExecutable(keytool), "this Java has no keytool to make a certificate with");
    String options =
        "-genkeypair -alias a -keyalg EC -dname CN=registry -ext san=ip:127.0.0.1,dns:localhost"
            + " -validity 2 -storepass changeit -keystore "
            + keys;
    ProcessBuilder making = new ProcessBuilder(keytool.toString());
    making.command().addAll(List.of(options.split(" ")));
    Process process =
        making.redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile()).start();
    assertThat(process.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD);
    }
    pem("cert.pem", "CERTIFICATE", store.getCertificate("a").getEncoded());
    pem("key.pem", "PRIVATE KEY", store.getKey("a", PASSWORD).getEncoded());
    server = new ScriptedServer(MutualTlsTest::answer, sockets(context(store)));
  }

  private static void answer(ScriptedServer.Request request, java.io.OutputStream out)
      throws IOException {
    ScriptedServer.reply(out, 200, "application/vnd.oci.image.manifest.v1+json", MANIFEST);
  }

  private void pem(String file, String kind, byte[] encoded) throws IOException {
    Files.writeString(
        directory.resolve(file),
        "-----BEGIN "
            + kind
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(encoded)
            + "\n-----END "
            + kind
            + "-----\n");
  }

  private static SSLContext context(KeyStore store) throws Exception {
    KeyManagerFactory ours = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    ours.init(store, PASSWORD);
    KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
    known.load(null, null);
    known.setCertificateEntry("client", store.getCertificate("a"));
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(ours.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  private static ServerSocketFactory sockets(SSLContext context) {
    return new ServerSocketFactory() {
      @Override
      public ServerSocket createServerSocket(int port) throws IOException {
        return createServerSocket(port, 50, InetAddress.getLoopbackAddress());
      }

      @Override
      public ServerSocket createServerSocket(int port, int backlog) throws IOException {
        return createServerSocket(port, backlog, InetAddress.getLoopbackAddress());
      }

      @Override
      public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
          throws IOException {
        SSLServerSocket socket =
            (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(port, backlog, address);
        socket.setNeedClientAuth(true);
        return socket;
      }
    };
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  private byte[] pull(boolean authority, boolean certificate) throws Exception {
    String host = server.host();
    Path cert = directory.resolve("cert.pem");
    RegistryRule rule =
        new RegistryRule(
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            authority ? List.of(cert) : List.of(),
            certificate
                ? Optional.of(
                    new RegistryRule.ClientCertificate(cert, directory.resolve("key.pem")))
                : Optional.empty(),
            Optional.empty());
    Place place = new Place(host, "a/b");
    HostRules rules =
        new HostRules(false, false, new RegistryRules(Map.of(host + "/a", rule)), List.of(place));
    RegistryLimits once = RegistryLimits.DEFAULT;
    try (Wire wire = Wire.of(rules, once, Diagnostics.SILENT, "rkt/test", Credentials.NONE)) {
      return new ManifestPuller(new RegistryCaller(place, wire))
          .pull("fetch x", DockerReference.parse("docker://" + host + "/a/b:t"))
          .bytes();
    }
  }

  @Test
  void bothSidesShowTheirCertificates() throws Exception {
    assertThat(pull(true, true)).isEqualTo(MANIFEST);
  }

  @Test
  void withoutOneOfThemNothingIsTold() {
    assertThatThrownBy(() -> pull(true, false)).isInstanceOf(EngineException.class);
    assertThatThrownBy(() -> pull(false, true)).isInstanceOf(EngineException.class);
    assertThat(server.requests()).isEmpty();
  }
}
