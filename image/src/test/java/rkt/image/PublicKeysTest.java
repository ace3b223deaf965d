package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.registry.ScriptedServer;
import rkt.schema.EngineException;
import rkt.trust.KeySource;

/** Which keys a certificate stands for. */
@Timeout(60)
class PublicKeysTest {
  @TempDir private Path directory;

  private SSLContext tls() throws Exception {
    Path keys = directory.resolve("keys.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    assumeTrue(Files.isExecutable(keytool), "this Java has no keytool to make a certificate with");
    String options =
        "-genkeypair -alias a -keyalg EC -dname CN=elsewhere.example -validity 2 -storepass"
            + " changeit";
    ProcessBuilder making = new ProcessBuilder(keytool.toString());
    making.command().addAll(List.of(options.split(" ")));
    making.command().addAll(List.of("-keystore", keys.toString()));
    Process process =
        making.redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile()).start();
    assertThat(process.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static KeySource.Fetched fetch(String insecure, boolean plainHttp, String url)
      throws EngineException {
    FetchOptions options =
        new FetchOptions(
            InsecureOptions.parse(insecure), PullPolicy.UPDATE, Diagnostics.SILENT, "rkt/test");
    try (PublicKeys keys = new PublicKeys(options, plainHttp)) {
      return keys.fetch(url);
    }
  }

  @Test
  void oneHopOverHttpIsEnoughToSpoilIt() throws Exception {
    byte[] key = {1, 2, 3};
    try (ScriptedServer secure =
            new ScriptedServer(
                (request, out) -> ScriptedServer.reply(out, 200, "", key),
                tls().getServerSocketFactory());
        ScriptedServer plain =
            new ScriptedServer((request, out) -> ScriptedServer.reply(out, 200, "", key))) {
      String https = "https://" + secure.host() + "/key";
      String http = "http://" + plain.host() + "/key";
      assertThat(fetch("tls", false, https).https()).isTrue();
      assertThat(fetch("tls,http", true, https).https()).isTrue();
      assertThat(fetch("tls", true, http).https()).isFalse();
      secure.script((request, out) -> ScriptedServer.redirect(out, http));
      assertThatThrownBy(() -> fetch("tls", true, https)).isInstanceOf(EngineException.class);
      assertThat(fetch("tls,http", true, https).https()).isFalse();
      // Back to https, but somebody on the way may have chosen where to.
      String back = "https://" + secure.host() + "/back";
      plain.script((request, out) -> ScriptedServer.redirect(out, back));
      secure.script((request, out) -> {
        if (request.target().equals("/back")) {
          ScriptedServer.reply(out, 200, "", key);
        } else {
          ScriptedServer.redirect(out, http);
        }
      });
      assertThat(fetch("tls,http", true, https).bytes()).isEqualTo(key);
      assertThat(fetch("tls,http", true, https).https()).isFalse();
    }
  }
}
