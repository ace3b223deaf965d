package rkt.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A certificate authority of the test's own, and one certificate for loopback; made by openssl. */
public final class Certificates {
  private final Path dir;

  private Certificates(Path dir) {
    this.dir = dir;
  }

  /** Makes them below a directory. */
  public static Certificates in(Path parent) {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
    try {
      Certificates made = new Certificates(Files.createDirectories(parent.resolve("tls")));
      made.make();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void make() throws IOException {
    Path extensions = dir.resolve("extensions");
    Files.writeString(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-authority -keyout "
            + dir.resolve("ca.key")
            + " -out "
            + authority());
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout "
            + key()
            + " -out "
            + dir.resolve("request"));
    openssl(
        "x509 -req -days 2 -CAcreateserial -in "
            + dir.resolve("request")
            + " -CA "
            + authority()
            + " -CAkey "
            + dir.resolve("ca.key")
            + " -extfile "
            + extensions
            + " -out "
            + certificate());
  }

  private static void openssl(String arguments) {
    Rkt.exec(("openssl " + arguments).split(" ", -1)).ok();
  }

  public Path authority() {
    return dir.resolve("ca.pem");
  }

  public Path certificate() {
    return dir.resolve("server.pem");
  }

  public Path key() {
    return dir.resolve("server.key");
  }
}
