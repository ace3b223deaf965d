package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A registry on a free port of loopback that misbehaves as an image's name asks for ({@code
 * src/test/resources/registry.py}); {@code honest} gives an image whose app is {@code /bin/true}.
 */
public final class BadRegistry implements AutoCloseable {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  private final Process process;
  private final Path portFile;

  private BadRegistry(Process process, Path portFile) {
    this.process = process;
    this.portFile = portFile;
  }

  public static BadRegistry start(Rkt rkt) {
    assumeTrue(Files.isExecutable(PYTHON), "python3 is not installed");
    try {
      Path layer = rkt.home().resolve("layer.tar");
      if (!Files.exists(layer)) {
        Path rootfs = Images.rootfs(rkt.home().resolve("layer"));
        Rkt.exec("tar", "-C", rootfs.toString(), "-cf", layer.toString(), ".").ok();
      }
      Path portFile = rkt.home().resolve("port");
      Process process =
          new ProcessBuilder(
                  PYTHON.toString(),
                  Rkt.ROOT.resolve("tests/src/test/resources/registry.py").toString(),
                  portFile.toString(),
                  layer.toString())
              .redirectErrorStream(true)
              .redirectOutput(rkt.home().resolve("bad-registry.log").toFile())
              .start();
      Rkt.waitFor("the registry's port", () -> Files.exists(portFile) || !process.isAlive());
      return new BadRegistry(process, portFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The image of this registry that misbehaves so. */
  public String image(String mode) {
    try {
      return "docker://127.0.0.1:" + Files.readString(portFile) + "/" + mode;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file that lets names that wait go on. */
  public Path go() {
    return portFile.resolveSibling(portFile.getFileName() + ".go");
  }

  /** Whether a name that hangs has begun to. */
  public boolean silent() {
    return Files.exists(portFile.resolveSibling(portFile.getFileName() + ".silent"));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
