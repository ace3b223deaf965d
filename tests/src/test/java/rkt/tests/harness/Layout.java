package rkt.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** An OCI layout with one image, tag {@code app}: busybox, and layers of noise on top. */
public final class Layout {
  private final Path dir;

  private Layout(Path dir) {
    this.dir = dir;
  }

  /**
   * Makes it.
   *
   * @param noise bytes of each further layer; they do not compress
   */
  public static Layout make(Rkt rkt, int... noise) {
    try {
      Path dir = rkt.home().resolve("layout");
      Rkt.exec("umoci", "init", "--layout", dir.toString()).ok();
      Rkt.exec("umoci", "new", "--image", dir + ":app").ok();
      Layout layout = new Layout(dir);
      layout.add(rkt, Images.rootfs(rkt.home().resolve("base")));
      Random random = new Random(7);
      for (int i = 0; i < noise.length; i++) {
        Path root = Files.createDirectories(rkt.home().resolve("noise" + i));
        byte[] bytes = new byte[noise[i]];
        random.nextBytes(bytes);
        Files.write(root.resolve("noise" + i), bytes);
        layout.add(rkt, root);
      }
      Rkt.exec(
              "umoci",
              "config",
              "--image",
              dir + ":app",
              "--config.entrypoint=/bin/sh",
              "--config.cmd=-c",
              "--config.cmd=echo hello")
          .ok();
      return layout;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Rkt rkt, Path root) {
    Path tar = rkt.home().resolve(root.getFileName() + ".tar");
    Rkt.exec("tar", "-C", root.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), ".")
        .ok();
    Rkt.exec("umoci", "raw", "add-layer", "--image", dir + ":app", tar.toString()).ok();
  }

  /** In skopeo's syntax. */
  public String source() {
    return "oci:" + dir + ":app";
  }
}
