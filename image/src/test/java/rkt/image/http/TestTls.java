package rkt.image.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Servers whose certificate nobody vouches for. */
public final class TestTls {
  private TestTls() {}

  /** A context of a server with a new certificate for another host, its keys in a directory. */
  public static SSLContext context(Path directory) throws Exception {
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
}
