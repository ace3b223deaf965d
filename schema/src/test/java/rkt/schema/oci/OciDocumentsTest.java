package rkt.schema.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class OciDocumentsTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha512:" + "b".repeat(128);

  private static final String INDEX =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[\
      {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":7,\
      "urls":["https://x/"],"annotations":{"k":"v"},\
      "platform":{"architecture":"arm","os":"linux","os.version":"1","os.features":["f"],"variant":"v7"}}],\
      "annotations":{"a":"b"}}\
      """
          .formatted(A);

  private static final String MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",\
      "config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"%s","size":1},\
      "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"%s","size":0}]}\
      """
          .formatted(A, B);

  private static final String CONFIG =
      """
      {"created":"2020-01-01T00:00:00Z","author":"me","architecture":"arm64","os":"linux","variant":"v8",\
      "config":{"User":"u:g","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":["/e"],"Cmd":["c"],\
      "Volumes":{"/a":{},"/b":{}},"WorkingDir":"/w","Labels":{"l":"m"},"StopSignal":"SIGINT"},\
      "rootfs":{"type":"layers","diff_ids":["%s","%s"]},\
      "history":[{"created":"x","created_by":"y","author":"z","comment":"w","empty_layer":true},{}]}\
      """
          .formatted(A, B);

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void surviveWritingAndReading() {
    assertThat(OciIndex.parse(bytes(INDEX)).toJson()).isEqualTo(INDEX);
    assertThat(OciManifest.parse(bytes(MANIFEST)).toJson()).isEqualTo(MANIFEST);
    assertThat(OciConfig.parse(bytes(CONFIG)).toJson()).isEqualTo(CONFIG);
    String save = "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:b\"],\"Layers\":[\"x/layer.tar\"]}]";
    assertThat(DockerSaveManifest.parse(bytes(save)).toJson()).isEqualTo(save);
  }

  @Test
  void theMediaTypeDefaultsToOci() {
    assertThat(OciIndex.parse(bytes("{\"schemaVersion\":2,\"manifests\":[]}")).mediaType())
        .isEqualTo(MediaTypes.OCI_INDEX);
  }

  @Test
  void buildersWriteNullForNothing() {
    OciConfig config =
        OciConfig.parse(
            bytes(
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"container_config\":{},\"config\":{\"Env\":null,"
                    + "\"Cmd\":null,\"Entrypoint\":\"/bin/one\",\"Volumes\":null,\"Labels\":null,\"OnBuild\":null},"
                    + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}"));
    assertThat(config.config().entrypoint()).containsExactly("/bin/one");
    assertThat(config.config().cmd()).isEmpty();
    assertThat(config.rootfs().diffIds()).isEmpty();
    OciConfig bare = OciConfig.parse(bytes("{\"rootfs\":{\"type\":\"layers\"}}"));
    assertThat(bare.config()).isEqualTo(OciConfig.Config.EMPTY);
    assertThat(bare.os()).isEmpty();
  }

  @Test
  void aDocumentIsOneThingOnly() {
    String both = MANIFEST.replace("\"layers\"", "\"manifests\":[],\"layers\"");
    assertThatThrownBy(() -> OciManifest.parse(bytes(both)))
        .hasMessageContaining("ambiguous document: an image manifest must not have manifests");
    String indexWithLayers = INDEX.replace("\"manifests\"", "\"layers\":[],\"manifests\"");
    assertThatThrownBy(() -> OciIndex.parse(bytes(indexWithLayers)))
        .hasMessageContaining("ambiguous document: an image index must not have layers");
    assertThatThrownBy(() -> OciManifest.parse(bytes(INDEX))).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> OciIndex.parse(bytes(MANIFEST))).isInstanceOf(SchemaException.class);
    String mislabelled = MANIFEST.replace("manifest.v2+json", "manifest.list.v2+json");
    assertThatThrownBy(() -> OciManifest.parse(bytes(mislabelled)))
        .hasMessageContaining("not an image manifest: media type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"size\":1 | \"size\":-1 | config: size of sha256:",
        "\"size\":1 | \"size\":1.5 | config.size: must be a 64-bit integer",
        "\"size\":1 | \"size\":99999999999999999999 | config.size: must be a 64-bit integer",
        "\"size\":1 | \"size\":\"1\" | config.size must be an integer, not a string",
        "sha256:a | sha256:A | config: bad sha256 digest",
        "sha256:a | sha256:/ | config: bad sha256 digest",
        "sha256:a | sha1:a | config: unsupported digest algorithm: \"sha1\"",
        "sha256:a | sha256: | config: bad sha256 digest",
        "\"schemaVersion\":2 | \"schemaVersion\":1 | schemaVersion: must be 2, not 1",
        "\"schemaVersion\":2 | \"a\":2 | schemaVersion must be set",
        "\"layers\" | \"l\" | layers must be set",
      })
  void refusesManifests(String from, String to, String message) {
    assertThat(MANIFEST).contains(from);
    String json = MANIFEST.replace(from, to);
    assertThatThrownBy(() -> OciManifest.parse(bytes(json)))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("image manifest: ")
        .hasMessageContaining(message)
        .message()
        .matches(".* \\(line 1, column \\d+\\)");
  }

  @Test
  void refusesOtherRootFileSystems() {
    assertThatThrownBy(() -> OciConfig.parse(bytes("{\"rootfs\":{\"type\":\"x\"}}")))
        .hasMessage(
            "image configuration: rootfs.type: must be \"layers\", not \"x\" (line 1, column 19)");
    assertThatThrownBy(() -> OciConfig.parse(bytes("{}")))
        .hasMessageContaining("rootfs must be set");
    assertThatThrownBy(
            () -> OciConfig.parse(bytes("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"x\"]}}")))
        .hasMessageContaining("rootfs.diff_ids: bad digest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../../x", "a/..", "a\\u0000b"})
  void archivesPointOnlyIntoThemselves(String path) {
    String save = "[{\"Config\":\"c\",\"RepoTags\":null,\"Layers\":[\"" + path + "\"]}]";
    assertThatThrownBy(() -> DockerSaveManifest.parse(bytes(save)))
        .hasMessageContaining("bad path in archive");
  }

  @Test
  void hostileDocumentsEndInALocatedErrorOrStayValid() {
    Seeds.repeat(
        6_000,
        random -> {
          try {
            switch (random.nextInt(3)) {
              case 0 -> {
                OciIndex index = OciIndex.parse(Seeds.mutate(random, INDEX));
                assertThat(OciIndex.parse(bytes(index.toJson()))).isEqualTo(index);
              }
              case 1 -> {
                OciManifest manifest = OciManifest.parse(Seeds.mutate(random, MANIFEST));
                assertThat(OciManifest.parse(bytes(manifest.toJson()))).isEqualTo(manifest);
              }
              default -> {
                OciConfig config = OciConfig.parse(Seeds.mutate(random, CONFIG));
                assertThat(OciConfig.parse(bytes(config.toJson())).toJson())
                    .isEqualTo(config.toJson());
              }
            }
          } catch (SchemaException e) {
            assertThat(e.getMessage()).matches("(?s)image .*: .* \\(line \\d+, column \\d+\\)");
          }
        });
  }

  @Test
  void knowsLayersByTheirMediaType() {
    assertThat(MediaTypes.compression(MediaTypes.OCI_LAYER)).contains(MediaTypes.Compression.NONE);
    assertThat(MediaTypes.compression(MediaTypes.OCI_LAYER_GZIP))
        .contains(MediaTypes.Compression.GZIP);
    assertThat(MediaTypes.compression(MediaTypes.OCI_LAYER_ZSTD))
        .contains(MediaTypes.Compression.ZSTD);
    assertThat(MediaTypes.compression(MediaTypes.DOCKER_LAYER_GZIP))
        .contains(MediaTypes.Compression.GZIP);
    assertThat(MediaTypes.compression(MediaTypes.OCI_LAYER_NONDISTRIBUTABLE + "+gzip"))
        .contains(MediaTypes.Compression.GZIP);
    assertThat(MediaTypes.compression(MediaTypes.DOCKER_FOREIGN_LAYER + ".gzip"))
        .contains(MediaTypes.Compression.GZIP);
    assertThat(MediaTypes.isLayer(MediaTypes.OCI_LAYER + "+lzma")).isFalse();
    assertThat(MediaTypes.isLayer(MediaTypes.OCI_CONFIG)).isFalse();
    assertThat(MediaTypes.isLayer("")).isFalse();
  }

  private static String entry(String digit, String platform) {
    return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":1%s}"
        .formatted(MediaTypes.OCI_MANIFEST, digit.repeat(64), platform);
  }

  private static String platform(String os, String architecture, String variant) {
    return ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\"}"
        .formatted(os, architecture, variant);
  }

  private static Optional<String> selected(String host, String... entries) {
    String json = "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}";
    String[] parts = host.split("/", -1);
    Platform platform =
        new Platform(
            parts[0], parts[1], parts.length > 2 ? Optional.of(parts[2]) : Optional.empty());
    return PlatformMatcher.select(OciIndex.parse(bytes(json)), platform)
        .map(descriptor -> descriptor.digest().hex().substring(0, 1));
  }

  @Test
  void selectsThePlatform() {
    String amd = entry("1", platform("linux", "amd64", ""));
    String amdV3 = entry("2", platform("linux", "amd64", "v3"));
    String windows = entry("3", platform("windows", "amd64", ""));
    String arm6 = entry("4", platform("linux", "arm", "v6"));
    String arm7 = entry("5", platform("linux", "arm", "v7"));
    String arm64 = entry("6", platform("linux", "arm64", "v8"));
    String attestation = entry("7", platform("unknown", "unknown", ""));
    String none = entry("8", "");
    assertThat(selected("linux/amd64", windows, amdV3, attestation, amd)).contains("1");
    assertThat(selected("linux/amd64", windows, amdV3, attestation)).isEmpty();
    assertThat(selected("linux/arm/v7", arm6, arm7)).contains("5");
    assertThat(selected("linux/arm/v6", arm7, arm6)).contains("4");
    assertThat(selected("linux/arm/v7", arm6)).contains("4");
    assertThat(selected("linux/arm64", arm6, arm64)).contains("6");
    assertThat(selected("linux/arm64/v8", entry("9", platform("linux", "arm64", ""))))
        .contains("9");
    assertThat(selected("linux/amd64", none, amd)).contains("1");
    assertThat(selected("linux/amd64", arm6, none)).contains("8");
    assertThat(selected("linux/amd64")).isEmpty();
  }
}
