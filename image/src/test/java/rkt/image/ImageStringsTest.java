package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.FileImage;
import rkt.image.ImageString.HashImage;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageString.NameImage;
import rkt.image.ImageString.UrlImage;
import rkt.schema.EngineException;
import rkt.schema.appc.ImageName;

class ImageStringsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/usr/libexec/rkt/stage1.aci",
        "./x.aci",
        "a/b/c.aci",
        "some/relative/../path/with/dots/file.aci",
        "file:///absolute/path/to/file.aci"
      })
  void meansAFile(String text) throws Exception {
    assertThat(ImageStrings.parse(text)).isInstanceOf(FileImage.class);
  }

  @Test
  void makesPathsAbsoluteAndClean() throws Exception {
    assertThat(((FileImage) ImageStrings.parse("a/../b.aci", Path.of("/w"))).path())
        .isEqualTo(Path.of("/w/b.aci"));
  }

  @Test
  void anExistingFileIsAFileWhateverElseItLooksLike(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("example.aci"));
    assertThat(ImageStrings.parse("example.aci", directory))
        .isEqualTo(new FileImage(file, "example.aci"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/absolute/path/to/file", "/absolute/path/to/file.tar", "./x"})
  void aPathMustEndInAci(String text) {
    assertThatThrownBy(() -> ImageStrings.parse(text, Path.of("/absolute")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("invalid image string \"file:///absolute/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "example.com/stage1|example.com/stage1",
        "example.com/stage1:1.2.3|example.com/stage1:1.2.3",
        "example.com/stage1,version=1.2.3,foo=bar|example.com/stage1:1.2.3,foo=bar",
        "my-app:v1.0|my-app:v1.0",
        "my_app|my_app"
      })
  void meansAName(String text, String formatted) throws Exception {
    NameImage image = (NameImage) ImageStrings.parse(text);
    assertThat(new ImageName(image.name(), image.labels())).hasToString(formatted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a:1:2|colon may appear at most once",
        "a,b=1:2|colon may appear only right after the app name",
        "a,b|label without a value",
        "a,b=1,b=2|label b with multiple values",
        "a:1,version=2|label version with multiple values",
        "a,name=b|invalid label name",
        "a,B=1|ACIdentifier"
      })
  void refusesMalformedNames(String text, String why) {
    assertThatThrownBy(() -> ImageStrings.name(text))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha512-0123456789ab", "sha256-00", "sha512-x"})
  void meansAHash(String text) throws Exception {
    assertThat(ImageStrings.parse(text)).isEqualTo(new HashImage(text));
  }

  @Test
  void meansAUrl() throws Exception {
    assertThat(ImageStrings.parse("https://h/i.aci?x=y#z")).isInstanceOf(UrlImage.class);
    assertThat(ImageStrings.parse("HTTP://h/i.aci")).isInstanceOf(UrlImage.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://h/i",
        "https://h/i.tar",
        "http:///x.aci",
        "http://h:x/i.aci",
        "file://host/x.aci",
        "file:x.aci",
        "file:///x",
        "docker://",
        "docker:///x",
        "docker://UPPER/x",
        "docker://a@sha256:zz",
        "docker://a:b:c",
        "docker://a//b",
        "docker://../x",
        "docker://a:-t",
        "cimd:",
        "cimd:appc",
        "cimd:appc:v=1:a",
        "cimd:nope:v=0:a",
        "cimd:aci-archive:v=0:ftp%3A%2F%2Fx%2Fy.aci",
        "cimd:appc:v=0:%zz",
        "a\0b"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> ImageStrings.parse(text, Path.of("/nowhere")))
        .isInstanceOf(EngineException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "example.com/app01 cimd:appc:v=0:example.com/app01",
        "example.com/app01:v1.0.0 cimd:appc:v=0:example.com/app01?version=v1.0.0",
        "example.com/app01,version=v1.0.0 cimd:appc:v=0:example.com/app01?version=v1.0.0",
        "example.com/app01:v1.0.0,label01=?&*/ cimd:appc:v=0:example.com/app01?label01=%3F%26%2A%2F&version=v1.0.0",
        "some-image-name:v1.0.0 cimd:appc:v=0:some-image-name?version=v1.0.0",
        "/absolute/path/to/file.aci cimd:aci-archive:v=0:file%3A%2F%2F%2Fabsolute%2Fpath%2Fto%2Ffile.aci",
        "file:///absolute/path/to/file.aci cimd:aci-archive:v=0:file%3A%2F%2F%2Fabsolute%2Fpath%2Fto%2Ffile.aci",
        "https://test.com/filedef.aci?z=value1&a=value2"
            + " cimd:aci-archive:v=0:https%3A%2F%2Ftest.com%2Ffiledef.aci%3Fz%3Dvalue1%26a%3Dvalue2",
        "docker:busybox cimd:docker:v=0:registry-1.docker.io/library/busybox:latest",
        "docker://busybox cimd:docker:v=0:registry-1.docker.io/library/busybox:latest",
        "docker:busybox:latest cimd:docker:v=0:registry-1.docker.io/library/busybox:latest",
        "docker:registry-1.docker.io/library/busybox:latest"
            + " cimd:docker:v=0:registry-1.docker.io/library/busybox:latest",
        "docker:busybox:1.0 cimd:docker:v=0:registry-1.docker.io/library/busybox:1.0",
        "docker:repo/image cimd:docker:v=0:registry-1.docker.io/repo/image:latest",
        "docker:myregistry.example.com:4000/busybox cimd:docker:v=0:myregistry.example.com:4000/busybox:latest"
      })
  void hasADistributionUri(String text, String uri) throws Exception {
    ImageString image = ImageStrings.parse(text);
    assertThat(DistributionUris.format(image)).isEqualTo(uri);
    assertThat(DistributionUris.format(ImageStrings.parse(uri))).isEqualTo(uri);
  }

  @Test
  void keepsADigest() throws Exception {
    String digest = "sha256:" + "ab".repeat(32);
    DockerImage image = (DockerImage) ImageStrings.parse("docker:busybox@" + digest);
    assertThat(DistributionUris.format(image))
        .isEqualTo("cimd:docker:v=0:registry-1.docker.io/library/busybox@" + digest);
    assertThat(
            ((DockerImage) ImageStrings.parse("docker://registry-1.docker.io/library/busybox"))
                .reference()
                .familiar())
        .isEqualTo("busybox");
  }

  @Test
  void anIdHasNoDistributionUri() {
    assertThatThrownBy(() -> DistributionUris.format(new HashImage("sha512-ab")))
        .isInstanceOf(EngineException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "oci:/a/layout|OCI|/a/layout||cimd:oci:v=0:file%3A%2F%2F%2Fa%2Flayout",
        "oci:layout:v1|OCI|/w/layout|v1|cimd:oci:v=0:file%3A%2F%2F%2Fw%2Flayout?ref=v1",
        "oci-archive:../x.tar|OCI_ARCHIVE|/x.tar||cimd:oci-archive:v=0:file%3A%2F%2F%2Fx.tar",
        "docker-archive:x.tar:repo/app:1.0|DOCKER_ARCHIVE|/w/x.tar|repo/app:1.0"
            + "|cimd:docker-archive:v=0:file%3A%2F%2F%2Fw%2Fx.tar?ref=repo%2Fapp%3A1.0"
      })
  void meansALayoutOrAnArchive(
      String text, LayoutImage.Kind kind, String path, String ref, String uri) throws Exception {
    LayoutImage image = (LayoutImage) ImageStrings.parse(text, Path.of("/w"));
    String named = ref == null ? "" : ref;
    assertThat(image).isEqualTo(new LayoutImage(kind, Path.of(path), named, text));
    assertThat(DistributionUris.format(image)).isEqualTo(uri);
    assertThat(ImageStrings.parse(uri)).isEqualTo(new LayoutImage(kind, Path.of(path), named, uri));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci:",
        "oci::v1",
        "oci:/a:",
        "oci:/a:b c",
        "oci-archive:",
        "docker-archive:/x:a\u202eb",
        "cimd:oci:v=0:layout",
        "cimd:oci:v=0:file%3A%2F%2F%2Fa?x=1",
        "cimd:oci:v=0:file%3A%2F%2F%2Fa?ref=",
        "cimd:oci:v=0:file%3A%2F%2F%2Fa?ref=%0A"
      })
  void refusesMalformedLayouts(String text) {
    assertThatThrownBy(() -> ImageStrings.parse(text)).isInstanceOf(EngineException.class);
  }

  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example.com:5000/app",
        "registry.example.com:5000/team/app:1.0",
        "127.0.0.1:5000/app",
        "localhost:5000/app:latest",
        "busybox@sha256:" + HEX,
        "registry.example.com/app@sha256:" + HEX
      })
  void aRegistryReferenceNeedsNoSchemeWhereItCanBeNothingElse(String text) throws Exception {
    DockerImage image = (DockerImage) ImageStrings.parse(text);
    assertThat(image.reference())
        .isEqualTo(((DockerImage) ImageStrings.parse("docker://" + text)).reference());
    assertThat(image.text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.com/app",
        "example.com/app:1.0",
        "localhost/app",
        "localhost:5000",
        "myhost:5000/app",
        "example.com:1.0/x",
        "example.com:5000/app,os=linux",
        "oci,version=1",
        "oci"
      })
  void whatMayBeANameStaysOne(String text) throws Exception {
    assertThat(ImageStrings.parse(text)).isInstanceOf(NameImage.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://u:S3CRET@example.com/a.aci",
        "https://S3CRET@example.com/a.aci",
        "https://u:S3/CRET@example.com/a.aci",
        "https://u:S3CRET@exa mple.com/a.aci",
        "https://example.com/a?token=S3CRET",
        "docker://u:S3CRET@example.com/a",
        "docker://u:S3/CRET@example.com:5000/a:tag",
        "docker:u:S3CRET@example.com/a",
        "ftp://u:S3CRET@example.com/a",
        "cimd:aci-archive:v=0:https%3A%2F%2Fu%3AS3CRET%40example.com%2Fa.aci",
        "cimd:aci-archive:v=0:ftp%3A%2F%2Fu%3AS3CRET%40example.com%2Fa.aci",
        "cimd:aci-archive:v=1:https%3A%2F%2Fu%3AS3CRET%40example.com%2Fa.aci",
        "cimd:docker:v=0:u:S3CRET@example.com/a"
      })
  void whatMayBeASecretIsNotRepeated(String text) {
    assertThatThrownBy(() -> ImageStrings.parse(text))
        .isInstanceOf(EngineException.class)
        .hasMessageNotContaining("S3CRET")
        .hasMessageNotContaining("CRET");
  }

  @Test
  void namesWithAnAtSignAreNoUsers() throws Exception {
    assertThat(ImageStrings.parse("example.com/a,foo=b@c/d")).isInstanceOf(NameImage.class);
    assertThatThrownBy(() -> ImageStrings.parse("docker://host:5000/name@latest"))
        .hasMessageContaining("docker://host:5000/name@latest");
  }
}
