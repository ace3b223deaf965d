package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.ImageFinder;
import rkt.image.ImageStrings;
import rkt.image.InsecureOptions;
import rkt.image.Platforms;
import rkt.image.PullPolicy;
import rkt.image.oci.Digests;
import rkt.image.registry.FakeRegistry.Layer;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.oci.Platform;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** Whole pulls from a registry in memory into a real store. */
@Timeout(60)
class RegistryImagesTest {
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          2,
          Duration.ofMillis(5),
          3);
  private static final String HERE = "linux/" + Platforms.host().architecture();

  @TempDir private Path directory;
  private final FakeRegistry registry = new FakeRegistry();
  private final List<String> lines = new ArrayList<>();
  private ScriptedServer server;
  private ImageStore store;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer(registry);
    store = ImageStore.open(directory.resolve("cas"), Kernel.linux());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private ImageRecord find(String tag, PullPolicy policy, String insecure) throws EngineException {
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {
            lines.add("D " + line);
          }

          @Override
          public void warn(String line) {
            lines.add(line);
          }
        };
    FetchOptions options =
        new FetchOptions(InsecureOptions.parse(insecure), policy, diagnostics, "rkt/test", QUICK);
    return new ImageFinder(store, options)
        .find(ImageStrings.parse("docker://" + server.host() + "/a/b" + tag));
  }

  private ImageRecord pull(String tag) throws EngineException {
    return find(tag, PullPolicy.UPDATE, "image,http");
  }

  private static byte[] tar(String... names) throws IOException {
    return Tars.of(names);
  }

  @Test
  void pullsAnImageOfSeveralLayersOfEveryCompression() throws Exception {
    Digest digest =
        registry.addImage(
            "t",
            HERE,
            Layer.gzip(tar("bin/true")),
            Layer.zstd(tar("etc/x")),
            Layer.plain(tar("y")));
    ImageRecord image = pull(":t");
    assertThat(image.id().value()).isEqualTo("sha256-" + digest.hex());
    assertThat(image.diffIds()).hasSize(3);
    assertThat(image.latest()).isFalse();
    assertThat(store.manifest(image).nameAndVersion()).endsWith("/a/b:t");
    assertThat(store.rootfs(image, false).lowerTopFirst())
        .hasSize(3)
        .anySatisfy(lower -> assertThat(lower.resolve("bin/true")).hasContent("bin/true"));
  }

  @Test
  void usesTheStoreByPolicy() throws Exception {
    registry.addImage("latest", HERE, Layer.gzip(tar("a")));
    assertThatThrownBy(() -> find("", PullPolicy.NEVER, "image,http"))
        .hasMessageContaining(
            "unable to fetch docker image from URL \"docker://"
                + server.host()
                + "/a/b\": either image");
    ImageRecord first = find("", PullPolicy.NEW, "image,http");
    assertThat(first.latest()).isTrue();
    assertThat(lines)
        .contains(
            "D remote fetching from URL \"docker://" + server.host() + "/a/b\"",
            "D fetching image from docker://" + server.host() + "/a/b",
            "warning: image signature verification has been disabled");
    int asked = server.requests().size();
    assertThat(find(":latest", PullPolicy.NEW, "none").id()).isEqualTo(first.id());
    assertThat(find("", PullPolicy.NEVER, "none").id()).isEqualTo(first.id());
    assertThat(lines)
        .contains(
            "D using image from local store for url docker://" + server.host() + "/a/b:latest");
    assertThat(server.requests()).hasSize(asked);
    assertThat(pull("").id()).isEqualTo(first.id());
    // An update asks for the manifest and loads nothing that is there.
    assertThat(server.requests()).hasSize(asked + 1);
  }

  @Test
  void refusesWithoutTheImageOption() {
    assertThatThrownBy(() -> find("", PullPolicy.NEW, "http"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining(
            "signature verification for docker images is not supported (try --insecure-options=image)");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void choosesThePlatformOfAnIndex() throws Exception {
    Digest other = registry.addImage("other", "linux/mips", Layer.gzip(tar("mips")));
    Digest mine = registry.addImage("mine", HERE, Layer.gzip(tar("mine")));
    String type = "application/vnd.oci.image.manifest.v1+json";
    registry.addManifest(
        "multi",
        "application/vnd.oci.image.index.v1+json",
        "{\"schemaVersion\":2,\"manifests\":["
            + FakeRegistry.descriptor(type, other, registry.manifestSize(other), "linux/mips")
            + ","
            + FakeRegistry.descriptor(type, mine, registry.manifestSize(mine), HERE)
            + "]}");
    assertThat(pull(":multi").id().hex()).isEqualTo(mine.hex());
    registry.addManifest(
        "foreign",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.list.v2+json\",\"manifests\":["
            + FakeRegistry.descriptor(
                "application/vnd.docker.distribution.manifest.v2+json",
                other,
                registry.manifestSize(other),
                "linux/mips")
            + ","
            + FakeRegistry.descriptor(
                "application/vnd.docker.distribution.manifest.v2+json",
                mine,
                registry.manifestSize(mine),
                "windows/amd64")
            + "]}");
    assertThatThrownBy(() -> pull(":foreign"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
        .hasMessageContaining("does not exist for " + name(Platforms.host()))
        .hasMessageContaining("it exists for linux/mips, windows/amd64");
    assertThatThrownBy(() -> pull(":other")).hasMessageContaining("it exists for linux/mips");
    assertThat(store.list()).hasSize(1);
  }

  private static String name(Platform platform) {
    return platform.os() + "/" + platform.architecture();
  }

  @Test
  void anIndexInCirclesEnds() {
    // A digest cannot name itself; an index of the same media type nested for ever can only be made
    // of misses.
    Digest nowhere = Digests.of("sha256", new byte[1]);
    registry.addManifest(
        "t",
        "application/vnd.oci.image.index.v1+json",
        "{\"schemaVersion\":2,\"manifests\":["
            + FakeRegistry.descriptor("application/vnd.oci.image.index.v1+json", nowhere, 10, HERE)
            + "]}");
    assertThatThrownBy(() -> pull(":t")).hasMessageContaining("404");
  }

  @Test
  void aLayerWithWrongBytesLeavesNothingBehind() throws Exception {
    Layer good = Layer.gzip(tar("good"));
    Layer bad = Layer.gzip(tar("bad"));
    registry.addImage("t", HERE, good, bad);
    byte[] wrong = bad.packed().clone();
    wrong[wrong.length / 2] ^= 1;
    registry.corrupt(Digests.of("sha256", bad.packed()), wrong);
    assertThatThrownBy(() -> pull(":t"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(Digests.of("sha256", bad.packed()).toString());
    assertThat(store.list()).isEmpty();
    assertThat(temporary()).isEmpty();
    registry.corrupt(Digests.of("sha256", bad.packed()), bad.packed());
    assertThat(pull(":t").diffIds()).hasSize(2);
  }

  @Test
  void aLayerWithAnotherDiffIdIsRefused() throws Exception {
    Layer lied =
        new Layer(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            tar("other"),
            Layer.gzip(tar("real")).packed());
    registry.addImage("t", HERE, lied);
    assertThatThrownBy(() -> pull(":t")).isInstanceOf(EngineException.class);
    assertThat(store.list()).isEmpty();
    assertThat(temporary()).isEmpty();
  }

  @Test
  void missingAndTruncatedLayersAreNamed() throws Exception {
    Layer layer = Layer.gzip(tar("x"));
    registry.addImage("t", HERE, layer, Layer.gzip(tar("y")));
    Digest digest = Digests.of("sha256", layer.packed());
    registry.remove(digest);
    assertThatThrownBy(() -> pull(":t"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining(digest.toString());
    registry.corrupt(digest, new byte[5]);
    assertThatThrownBy(() -> pull(":t")).hasMessageContaining("declared as 5 bytes");
    assertThat(temporary()).isEmpty();
  }

  @Test
  void whatIsNoContainerImageIsRefused() {
    Digest config = registry.addBlob("{}".getBytes(StandardCharsets.UTF_8));
    registry.addManifest(
        "t",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"config\":"
            + FakeRegistry.descriptor("application/vnd.cncf.helm.config.v1+json", config, 2, "")
            + ",\"layers\":[]}");
    assertThatThrownBy(() -> pull(":t"))
        .hasMessageContaining("not a container image")
        .hasMessageContaining("helm");
  }

  @Test
  void aConfigurationThatDisagreesWithItsManifestIsRefused() {
    Digest config =
        registry.addBlob(
            "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}".getBytes(StandardCharsets.UTF_8));
    registry.addManifest(
        "t",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"config\":"
            + FakeRegistry.descriptor("application/vnd.oci.image.config.v1+json", config, 42, "")
            + ",\"layers\":["
            + FakeRegistry.descriptor("application/vnd.oci.image.layer.v1.tar", config, 43, "")
            + "]}");
    assertThatThrownBy(() -> pull(":t"))
        .hasMessageContaining("the manifest has 1 layers, the configuration 0");
  }

  private List<Path> temporary() throws IOException {
    Path tmp = directory.resolve("cas/tmp");
    if (!Files.isDirectory(tmp)) {
      return List.of();
    }
    try (var files = Files.list(tmp)) {
      return files.toList();
    }
  }
}
