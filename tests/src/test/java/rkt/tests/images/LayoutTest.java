package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** OCI layouts and docker archives, made by the tools that people make them with. */
class LayoutTest {
  private Rkt rkt;
  private Path layout;

  /** A layout by umoci with the image {@code v1}, whose app prints a file. */
  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    layout = rkt.home().resolve("lay");
    Path bundle = rkt.home().resolve("bundle");
    umoci("init", "--layout", layout.toString());
    umoci("new", "--image", layout + ":v1");
    umoci("unpack", "--image", layout + ":v1", bundle.toString());
    Images.rootfs(bundle.resolve("rootfs"));
    umoci("repack", "--image", layout + ":v1", bundle.toString());
    umoci(
        "config",
        "--image",
        layout + ":v1",
        "--config.entrypoint=/bin/cat",
        "--config.cmd=/dir1/file",
        "--config.env=A=b");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static void umoci(String... args) {
    exec("umoci", args);
  }

  private static void exec(String tool, String... args) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed");
    String[] all = new String[args.length + 1];
    all[0] = tool;
    System.arraycopy(args, 0, all, 1, args.length);
    Rkt.exec(all).ok();
  }

  private static void skopeo(String from, String to) {
    exec("skopeo", "copy", "--insecure-policy", from, to);
  }

  private String fetch(String image) {
    return rkt.insecure("fetch", "--full", image).ok().out().strip();
  }

  @Test
  void directoriesAndArchivesAreOneImage() {
    String id = fetch("oci:" + layout + ":v1");
    assertThat(id).matches("sha256-[0-9a-f]{64}");
    assertThat(fetch("oci:" + layout)).isEqualTo(id);
    Path archive = rkt.home().resolve("lay.tar");
    skopeo("oci:" + layout + ":v1", "oci-archive:" + archive + ":v1");
    assertThat(fetch("oci-archive:" + archive)).isEqualTo(id);
    for (String tool : new String[] {"gzip", "zstd", "xz"}) {
      Path packed = rkt.home().resolve("lay.tar." + tool);
      Rkt.exec("sh", "-c", tool + " -c '" + archive + "' > '" + packed + "'").ok();
      assertThat(fetch("oci-archive:" + packed + ":v1")).isEqualTo(id);
    }
    assertThat(rkt.insecure("run", "--net=none", id).ok().out()).isEqualTo("dir1");
    assertThat(rkt.insecure("run", "--net=none", "oci:" + layout + ":v1").ok().out())
        .isEqualTo("dir1");
  }

  @Test
  void relativePathsAndPathsWithColons() throws IOException {
    String id = fetch("oci:" + layout + ":v1");
    Path odd = rkt.home().resolve("a:b");
    Files.move(layout, odd);
    assertThat(fetch("oci:" + odd + ":v1")).isEqualTo(id);
    assertThat(fetch("oci:" + odd)).isEqualTo(id);
    String relative = Path.of("").toAbsolutePath().relativize(odd).toString();
    assertThat(fetch("oci:" + relative + ":v1")).isEqualTo(id);
  }

  @Test
  void dockerArchives() {
    Path archive = rkt.home().resolve("saved.tar");
    skopeo("oci:" + layout + ":v1", "docker-archive:" + archive + ":example.com/app:1.0");
    String id = fetch("docker-archive:" + archive);
    assertThat(fetch("docker-archive:" + archive + ":example.com/app:1.0")).isEqualTo(id);
    assertThat(rkt.insecure("run", "--net=none", "example.com/app:1.0").ok().out())
        .isEqualTo("dir1");
    assertThat(rkt.insecure("fetch", "docker-archive:" + archive + ":other:1").exited(254).err())
        .contains("there is no image \"other:1\" in it, but these: ", "example.com/app:1.0");
  }

  @Test
  void severalImagesAreListed() {
    umoci("tag", "--image", layout + ":v1", "v2");
    umoci("config", "--image", layout + ":v2", "--config.env=B=c");
    assertThat(rkt.insecure("fetch", "oci:" + layout).exited(254).err())
        .contains("there are 2 images in it: \"v1\", \"v2\"");
  }

  /** Layouts are read anew each time; what changed is another image. */
  @Test
  void aLayoutThatChangedIsAnotherImage() {
    String id = fetch("oci:" + layout + ":v1");
    umoci("config", "--image", layout + ":v1", "--config.env=B=c");
    assertThat(
            rkt.insecure("fetch", "--full", "--pull-policy=new", "oci:" + layout + ":v1")
                .ok()
                .out()
                .strip())
        .isNotEqualTo(id);
  }

  @Test
  void withoutARuleForItALayoutIsRefused() {
    assertThat(rkt.run("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("--insecure-options=image");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void hostileLayoutsAreRefusedAndLeaveNothing() throws IOException {
    Path blobs = layout.resolve("blobs/sha256");
    Path largest = null;
    try (var list = Files.list(blobs)) {
      for (Path blob : list.toList()) {
        if (largest == null || Files.size(blob) > Files.size(largest)) {
          largest = blob;
        }
      }
    }
    assertThat(largest).isNotNull();
    byte[] layer = Files.readAllBytes(largest);
    layer[layer.length / 2] ^= 1;
    Files.write(largest, layer);
    assertThat(rkt.insecure("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("sha256:" + largest.getFileName());
    Files.delete(largest);
    Files.createSymbolicLink(largest, Path.of("/etc/shadow"));
    assertThat(rkt.insecure("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("leads out of the layout");
    Files.delete(largest);
    assertThat(rkt.insecure("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("is missing in the layout");
    assertThat(rkt.insecure("fetch", "oci:" + rkt.home().resolve("none")).exited(254).err())
        .contains("no such file or directory");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }
}
