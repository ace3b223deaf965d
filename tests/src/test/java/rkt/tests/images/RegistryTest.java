package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;

/** Layered images from a real registry, made by other tools. */
class RegistryTest {
  private Rkt rkt;
  private Registry registry;
  private Path layout;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    registry = Registry.start(rkt);
    layout = rkt.home().resolve("layout");
  }

  @AfterEach
  void tearDown() {
    registry.close();
    rkt.close();
  }

  /**
   * A busybox image with three layers: the second hides /dir1/file, the third replaces /dir2/file.
   */
  private void layered(String name, String... skopeoOptions) throws IOException {
    if (!Files.exists(layout)) {
      Path rootfs = Images.rootfs(rkt.home().resolve("layers"));
      Path base = tar("base", rootfs);
      Path second = Files.createDirectories(rkt.home().resolve("second"));
      Files.createDirectories(second.resolve("dir1"));
      Files.writeString(second.resolve("dir1/.wh.file"), "");
      Files.writeString(second.resolve("dir1/new"), "new");
      Path third = Files.createDirectories(rkt.home().resolve("third/dir2")).getParent();
      Files.writeString(third.resolve("dir2/.wh..wh..opq"), "");
      Files.writeString(third.resolve("dir2/file"), "replaced");
      Rkt.exec("umoci", "init", "--layout", layout.toString()).ok();
      Rkt.exec("umoci", "new", "--image", layout + ":app").ok();
      for (Path layer : new Path[] {base, tar("l2", second), tar("l3", third)}) {
        Rkt.exec("umoci", "raw", "add-layer", "--image", layout + ":app", layer.toString()).ok();
      }
      Rkt.exec(
              "umoci",
              "config",
              "--image",
              layout + ":app",
              "--config.entrypoint=/bin/sh",
              "--config.cmd=-c",
              "--config.cmd=echo v=$V; cat /dir2/file; ls /dir1; pwd; id -u",
              "--config.env=V=image",
              "--config.workingdir=/tmp",
              "--config.user=1000:100")
          .ok();
    }
    registry.push("oci:" + layout + ":app", name, skopeoOptions);
  }

  private Path tar(String name, Path dir) {
    Path tar = rkt.home().resolve(name + ".tar");
    Rkt.exec("tar", "-C", dir.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), ".")
        .ok();
    return tar;
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci", "v2s2"})
  void layersStackAndConfigApplies(String format) throws IOException {
    layered("team/app:1.0", "--format=" + format);
    String ref = "docker://" + registry.host() + "/team/app:1.0";
    Rkt.Result result = rkt.insecure("run", "--net=none", ref).ok();
    assertThat(result.out())
        .isEqualTo("v=image\nreplacednew\n/tmp\n1000\n".replace("replacednew", "replaced" + "new"));
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).contains("/team/app:1.0");
    assertThat(rkt.insecure("run", "--net=none", "--no-overlay", ref).ok().out())
        .isEqualTo(result.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void compressedLayers(String algorithm) throws IOException {
    layered("app:z", "--format=oci", "--dest-compress-format=" + algorithm, "--dest-compress");
    assertThat(
            rkt.insecure("run", "--net=none", "docker://" + registry.host() + "/app:z").ok().out())
        .contains("v=image");
  }

  @Test
  void storedImagesNeedNoRegistry() throws IOException {
    layered("app:1");
    String ref = "docker://" + registry.host() + "/app:1";
    String id = rkt.insecure("fetch", ref).ok().out().strip();
    registry.close();
    assertThat(rkt.insecure("run", "--net=none", ref).ok().out()).contains("v=image");
    assertThat(rkt.insecure("run", "--net=none", id).ok().out()).contains("v=image");
    assertThat(rkt.insecure("fetch", ref).exited(254).err()).contains(registry.host());
    assertThat(
            rkt.insecure(
                    "run",
                    "--net=none",
                    "--pull-policy=never",
                    "docker://" + registry.host() + "/other")
                .exited(254)
                .err())
        .contains("unable to fetch");
  }

  @Test
  void byDigest() throws IOException {
    layered("app:1");
    String inspect =
        Rkt.exec(
                "skopeo", "inspect", "--tls-verify=false", "docker://" + registry.host() + "/app:1")
            .ok()
            .out();
    String digest = inspect.substring(inspect.indexOf("sha256:"), inspect.indexOf("sha256:") + 71);
    assertThat(
            rkt.insecure("run", "--net=none", "docker://" + registry.host() + "/app@" + digest)
                .ok()
                .out())
        .contains("v=image");
    assertThat(
            rkt.insecure(
                    "run",
                    "--net=none",
                    "docker://" + registry.host() + "/app@sha256:" + "0".repeat(64))
                .exited(254)
                .err())
        .contains("0".repeat(64));
  }

  @Test
  void unknownNamesAndHttpWithoutTheOption() throws IOException {
    layered("app:1");
    assertThat(rkt.insecure("fetch", "docker://" + registry.host() + "/app:nope").exited(254).err())
        .contains("nope");
    assertThat(rkt.insecure("fetch", "docker://" + registry.host() + "/nope").exited(254).err())
        .contains("nope");
    assertThat(
            rkt.run("--insecure-options=image", "fetch", "docker://" + registry.host() + "/app:1")
                .exited(254)
                .err())
        .contains("http");
    assertThat(
            rkt.run("--insecure-options=http", "fetch", "docker://" + registry.host() + "/app:1")
                .exited(254)
                .err())
        .contains(
            "signature verification for docker images is not supported without a rule in the trust policy",
            "try --insecure-options=image");
    assertThat(rkt.insecure("fetch", "docker://not a name").exited(254).err()).contains("docker");
  }

  @Test
  void removedImagesAreGoneAndGcTakesLayers() throws IOException {
    layered("app:1");
    String id =
        rkt.insecure("fetch", "--full", "docker://" + registry.host() + "/app:1")
            .ok()
            .out()
            .strip();
    assertThat(id).matches("sha256-[0-9a-f]{64}");
    assertThat(rkt.run("image", "cat-manifest", id).ok().out())
        .contains("ImageManifest")
        .contains("appc.io/docker");
    assertThat(rkt.run("image", "rm", id).ok().all())
        .contains("successfully removed aci for image: \"" + id + "\"");
    rkt.run("image", "gc", "--grace-period=0s").ok();
    try (var layers = Files.list(rkt.data().resolve("cas/layer"))) {
      assertThat(layers).isEmpty();
    }
    assertThat(rkt.run("image", "rm", id).all()).contains("no image IDs found");
  }
}
