package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A real docker-registry on a free port of loopback, with its data below the test's directory. */
public final class Registry implements AutoCloseable {
  private final Process process;
  private final int port;

  private Registry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** A plain one that knows nobody. */
  public static Registry start(Rkt rkt) {
    return start(rkt, "registry", "", "");
  }

  /**
   * One that is configured further, in the words of its configuration file.
   *
   * @param name of its directory
   * @param sections whole sections, such as {@code auth:}
   * @param http lines of the section {@code http}, indented by two
   */
  public static Registry start(Rkt rkt, String name, String sections, String http) {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/docker-registry")),
        "docker-registry is not installed");
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path dir = Files.createDirectories(rkt.home().resolve(name));
      Path config = dir.resolve("config.yml");
      Files.writeString(
          config,
          "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: "
              + dir.resolve("data")
              + "\n"
              + sections
              + "http:\n  addr: 127.0.0.1:"
              + port
              + "\n"
              + http);
      Process process =
          new ProcessBuilder("/usr/bin/docker-registry", "serve", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(dir.resolve("log").toFile())
              .start();
      Rkt.waitFor("the registry on port " + port, () -> listens(port));
      return new Registry(process, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public String host() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Behind TLS, for {@link #start(Rkt, String, String, String)}. */
  public static String tls(Certificates certificates) {
    return "  tls:\n    certificate: "
        + certificates.certificate()
        + "\n    key: "
        + certificates.key()
        + "\n";
  }

  /** Knows one user by the file that {@code htpasswd} makes. */
  public static String htpasswd(Rkt rkt, String user, String password) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/htpasswd")), "htpasswd is not installed");
    Path file = rkt.home().resolve("htpasswd");
    Rkt.exec("htpasswd", "-Bbc", file.toString(), user, password).ok();
    return "auth:\n  htpasswd:\n    realm: test\n    path: " + file + "\n";
  }

  /**
   * Pushes an image with skopeo: {@code source} is in skopeo's own syntax, such as {@code
   * oci:DIR:TAG}.
   */
  public void push(String source, String name, String... options) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
    java.util.List<String> command =
        new java.util.ArrayList<>(
            java.util.List.of(
                "skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"));
    command.addAll(java.util.List.of(options));
    command.add(source);
    command.add("docker://" + host() + "/" + name);
    Rkt.exec(command.toArray(String[]::new)).ok();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
