package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The OCI runtimes of this machine, and the configuration that chooses one. */
public final class Runtimes {
  private Runtimes() {}

  /** Makes this rkt use a runtime by name; skips the test when it is not installed. */
  public static void use(Rkt rkt, String name) {
    use(rkt, installed(name));
  }

  /** Makes this rkt use the program of this path, which need not exist. */
  public static void use(Rkt rkt, Path program) {
    try {
      Path dir = Files.createDirectories(rkt.config().resolve("runtime.d"));
      Files.writeString(
          dir.resolve("runtime.json"),
          "{\"rktKind\":\"runtime\",\"rktVersion\":\"v1\",\"path\":\"" + program + "\"}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a runtime is installed; skips the test when it is not. */
  public static Path installed(String name) {
    for (String dir : List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")) {
      if (Files.isExecutable(Path.of(dir, name))) {
        return Path.of(dir, name);
      }
    }
    assumeTrue(false, name + " is not installed");
    throw new AssertionError();
  }
}
