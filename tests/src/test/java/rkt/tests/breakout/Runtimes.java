package rkt.tests.breakout;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import rkt.tests.harness.Rkt;

/** The OCI runtimes that an attack is tried with. */
final class Runtimes {
  private Runtimes() {}

  /** Makes this rkt use a runtime by name; skips the test when it is not installed. */
  static void use(Rkt rkt, String name) {
    Path path = installed(name);
    try {
      Path dir = Files.createDirectories(rkt.config().resolve("runtime.d"));
      Files.writeString(
          dir.resolve("runtime.json"),
          "{\"rktKind\":\"runtime\",\"rktVersion\":\"v1\",\"path\":\"" + path + "\"}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a runtime is installed. */
  static Path installed(String name) {
    for (String dir : List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")) {
      if (Files.isExecutable(Path.of(dir, name))) {
        return Path.of(dir, name);
      }
    }
    assumeTrue(false, name + " is not installed");
    throw new AssertionError();
  }
}
