package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import rkt.schema.SchemaException;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.OsArch;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.OciConfig;

class OciToAppcTest {
  private static final Digest MANIFEST = Digest.parse("sha256:" + "ab".repeat(32));
  private static final Digest CONFIG = Digest.parse("sha256:" + "cd".repeat(32));
  private static final String ROOTFS = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}";

  private static ImageManifest convert(String reference, String fields) {
    return OciToAppc.convert(
        DockerReference.parse(reference),
        OciConfig.parse(
            ("{" + fields + ROOTFS + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        MANIFEST,
        CONFIG);
  }

  @Test
  void mapsEverythingDocker2aciMapped() {
    ImageManifest manifest =
        convert(
            "docker://redis:3",
            """
            "os":"linux","architecture":"arm64","variant":"v8","author":"me","created":"2020-01-02T03:04:05Z",
            "config":{"User":"redis","Entrypoint":["/entry","a b"],"Cmd":["redis-server"],
              "Env":["PATH=/bin","X","=y","1BAD=z","PATH=/usr/bin","E="],
              "WorkingDir":"/data","Volumes":{"/data":{},"/var/lib/x":{},"/Data":{}},
              "ExposedPorts":{"6379/tcp":{},"53/udp":{},"80":{},"8000-8010/tcp":{},"0/tcp":{}},
              "Labels":{"b":"2","a":"1"}},
            """);
    assertThat(manifest.name().value()).isEqualTo("registry-1.docker.io/library/redis");
    assertThat(manifest.labels().list()).hasToString("[version=3, os=linux, arch=aarch64]");
    App app = manifest.app().orElseThrow();
    assertThat(app.exec()).containsExactly("/entry", "a b", "redis-server");
    assertThat(app.user() + ":" + app.group()).isEqualTo("redis:redis");
    assertThat(app.environment()).hasToString("[PATH=/usr/bin, E=]");
    assertThat(app.workingDirectory()).isEqualTo("/data");
    assertThat(app.mountPoints())
        .extracting(mount -> mount.name() + "=" + mount.path())
        .containsExactly("volume-data=/Data", "volume-data-1=/data", "volume-var-lib-x=/var/lib/x");
    assertThat(app.ports())
        .extracting(port -> port.name() + "=" + port.protocol() + port.port())
        .containsExactly("53-udp=udp53", "6379-tcp=tcp6379", "80=tcp80");
    assertThat(app.userLabels()).containsEntry("a", "1").containsEntry("b", "2");
    assertThat(manifest.annotations().list())
        .extracting(annotation -> annotation.name() + "=" + annotation.value())
        .containsExactly(
            "author=me",
            "created=2020-01-02T03:04:05Z",
            "appc.io/docker/originalname=redis:3",
            "appc.io/docker/registryurl=registry-1.docker.io",
            "appc.io/docker/repository=library/redis",
            "appc.io/docker/imageid=" + CONFIG,
            "appc.io/docker/tag=3",
            "appc.io/docker/manifesthash=" + MANIFEST,
            "appc.io/docker/entrypoint=[\"/entry\",\"a b\"]",
            "appc.io/docker/cmd=[\"redis-server\"]");
  }

  @Test
  void usersSplitAtTheColon() {
    assertThat(convert("a/b", "\"config\":{\"User\":\"1:2\"},").app().orElseThrow())
        .satisfies(app -> assertThat(app.user() + " " + app.group()).isEqualTo("1 2"));
    assertThat(convert("a/b", "\"config\":{\"User\":\"u:\"},").app().orElseThrow())
        .satisfies(app -> assertThat(app.user() + " " + app.group()).isEqualTo("u 0"));
    assertThat(convert("a/b", "").app().orElseThrow())
        .satisfies(app -> assertThat(app.user() + " " + app.group()).isEqualTo("0 0"));
  }

  @Test
  void aDigestIsNoVersion() {
    ImageManifest manifest = convert("h:5000/a/b@" + MANIFEST, "");
    assertThat(manifest.name().value()).isEqualTo("h_5000/a/b");
    assertThat(manifest.labels().get("version")).isEmpty();
    assertThat(manifest.labels().get("os")).contains("linux");
    assertThat(manifest.labels().get("arch")).contains(OsArch.host());
    assertThat(manifest.annotations().get("appc.io/docker/tag")).isEmpty();
  }

  @Test
  void carelessBuildersAreForgiven() {
    ImageManifest manifest =
        convert(
            "a/b",
            "\"created\":\"yesterday\",\"config\":{\"WorkingDir\":\"srv\",\"Cmd\":\"one word\","
                + "\"Volumes\":{\"relative\":{},\"/\":{}}},");
    assertThat(manifest.annotations().get("created")).isEmpty();
    assertThat(manifest.app().orElseThrow().workingDirectory()).isEqualTo("/srv");
    assertThat(manifest.app().orElseThrow().exec()).containsExactly("one word");
    assertThat(manifest.app().orElseThrow().mountPoints())
        .singleElement()
        .satisfies(m -> assertThat(m.name().value()).isEqualTo("volume"));
  }

  @Test
  void anArchitectureAppcDoesNotKnowIsNamed() {
    assertThatThrownBy(() -> convert("a/b", "\"os\":\"linux\",\"architecture\":\"mips\","))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("bad arch \"mips\"");
  }
}
