package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static rkt.image.layout.LayoutFixture.gzip;
import static rkt.image.layout.LayoutFixture.layerTar;
import static rkt.image.layout.LayoutFixture.tar;
import static rkt.image.layout.LayoutFixture.utf8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.ImageString.LayoutImage;
import rkt.image.build.TarFile;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.store.ImageRecord;

class ArchiveImagesTest {
  private static final byte[] ONE = layerTar("etc/one", "1");
  private static final byte[] TWO = layerTar("etc/two", "2");

  @TempDir Path temporary;
  private LayoutFixture layout;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  @BeforeEach
  void open() throws EngineException {
    layout = new LayoutFixture(temporary);
  }

  private EngineException refused(byte[] archive) {
    return catchThrowableOfType(EngineException.class, () -> layout.loadArchive(archive));
  }

  private EngineException refusedDocker(String ref) {
    return catchThrowableOfType(EngineException.class, () -> layout.loadDocker(docker(), ref));
  }

  private void assertNothingLeft() throws EngineException, IOException {
    assertThat(layout.store.list()).isEmpty();
    try (var left = Files.list(layout.data.resolve("cas/tmp"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void archivesHaveTheImageOfTheirLayout() throws Exception {
    Descriptor entry = layout.image("", ONE, TWO);
    ImageId id = ImageId.sha256(entry.digest().hex());
    assertThat(layout.loadArchive(layout.archive()).id()).isEqualTo(id);
    assertThat(layout.loadArchive(gzip(layout.archive())).id()).isEqualTo(id);
    assertThat(layout.loadArchive(layout.archive()).name().value()).isEqualTo("app");
  }

  @Test
  void entriesComeInAnyOrderAndWithADot() throws Exception {
    Descriptor entry = layout.image("", ONE, TWO);
    layout.directory();
    List<String> paths = new ArrayList<>(layout.files.keySet());
    paths.add("index.json");
    Collections.reverse(paths);
    byte[] archive =
        tar(tar -> {
          tar.entry(TarFile.directory("./blobs"), out -> {});
          for (String path : paths) {
            byte[] bytes = Files.readAllBytes(temporary.resolve("layout").resolve(path));
            tar.entry(TarFile.regular("./" + path, bytes.length), out -> out.write(bytes));
          }
        });
    assertThat(layout.loadArchive(archive).manifestDigest()).contains(entry.digest());
  }

  @Test
  void repeatedEntriesAreRefused() throws Exception {
    layout.image("", ONE);
    byte[] archive = layout.archive();
    byte[] twice = Arrays.copyOf(archive, archive.length - 1024 + 512 * 2 + 1024);
    byte[] again =
        tar(tar -> tar.entry(TarFile.regular("index.json", 2), out -> out.write(utf8("{}"))));
    System.arraycopy(again, 0, twice, archive.length - 1024, again.length);
    assertThat(refused(twice).why()).contains("duplicate entry", "index.json");
    assertNothingLeft();
  }

  @Test
  void climbingNamesAndLinksAreRefused() throws Exception {
    layout.image("", ONE);
    byte[] climbing =
        tar(tar -> tar.entry(TarFile.regular("../index.json", 2), out -> out.write(utf8("{}"))));
    assertThat(refused(climbing).code()).isEqualTo(ErrorCode.REFUSED);
    byte[] link =
        tar(tar ->
            tar.entry(
                new TarFile(
                    "index.json",
                    TarFile.Kind.SYMLINK,
                    0777,
                    0,
                    0,
                    0,
                    0,
                    0,
                    "../../etc/shadow",
                    0,
                    0,
                    List.of()),
                out -> {}));
    assertThat(refused(link).why()).contains("leads out of the archive");
    assertNothingLeft();
  }

  @Test
  void linksThatGoRoundAreRefused() throws Exception {
    layout.image("", ONE);
    layout.files.remove("oci-layout");
    byte[] loop =
        tar(tar -> {
          for (String[] pair : new String[][] {{"oci-layout", "b"}, {"b", "oci-layout"}}) {
            tar.entry(
                new TarFile(
                    pair[0], TarFile.Kind.SYMLINK, 0777, 0, 0, 0, 0, 0, pair[1], 0, 0, List.of()),
                out -> {});
          }
        });
    assertThat(refused(loop).why()).contains("leads nowhere");
  }

  /** Cut anywhere before the end of its last file, an archive is refused, and nothing is left. */
  @Test
  void truncatedArchivesAreRefused() throws Exception {
    layout.image("", ONE);
    byte[] archive = layout.archive();
    int end = archive.length - 1024;
    while (archive[end - 1] == 0) {
      end--;
    }
    for (int length = 0; length < end; length += 509) {
      EngineException e = refused(Arrays.copyOf(archive, length));
      assertThat(e).as("length " + length).isNotNull();
      assertNothingLeft();
    }
  }

  @Test
  void filesThatAreNoArchivesAreSaid() throws Exception {
    assertThat(refused(utf8("hello")).why()).contains("text file");
    assertThat(refused(new byte[0]).why()).contains("empty");
    EngineException e =
        catchThrowableOfType(
            EngineException.class, () -> layout.load(LayoutImage.Kind.OCI_ARCHIVE, temporary, ""));
    assertThat(e.why()).contains("it is a directory");
    e =
        catchThrowableOfType(
            EngineException.class,
            () -> layout.load(LayoutImage.Kind.DOCKER_ARCHIVE, temporary.resolve("none.tar"), ""));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  // docker save

  private byte[] docker() {
    return tar(tar -> {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        String text = new String(file.getValue(), java.nio.charset.StandardCharsets.UTF_8);
        if (text.startsWith("->")) {
          tar.entry(
              new TarFile(
                  file.getKey(),
                  TarFile.Kind.SYMLINK,
                  0777,
                  0,
                  0,
                  0,
                  0,
                  0,
                  text.substring(2),
                  0,
                  0,
                  List.of()),
              out -> {});
        } else {
          tar.entry(
              TarFile.regular(file.getKey(), file.getValue().length),
              out -> out.write(file.getValue()));
        }
      }
    });
  }

  private void saved(String tags, String layers, byte[]... tars) {
    files.put("config.json", LayoutFixture.config("amd64", tars));
    files.put(
        "manifest.json",
        utf8(
            "[{\"Config\":\"config.json\",\"RepoTags\":["
                + tags
                + "],\"Layers\":["
                + layers
                + "]}]"));
  }

  @Test
  void dockerArchivesGiveTheSameImageEachTime() throws Exception {
    files.put("a/layer.tar", ONE);
    files.put("b/layer.tar", TWO);
    saved("\"example.com/app:1.0\"", "\"a/layer.tar\",\"b/layer.tar\"", ONE, TWO);
    ImageRecord image = layout.loadDocker(docker(), "");
    assertThat(image.name().value()).isEqualTo("example.com/app");
    assertThat(image.labels().get("version")).contains("1.0");
    assertThat(layout.loadDocker(docker(), "example.com/app:1.0").id()).isEqualTo(image.id());
    assertThat(image.diffIds())
        .containsExactly(Digests.of(Digest.SHA256, ONE), Digests.of(Digest.SHA256, TWO));
    Path top = layout.store.rootfs(image, false).lowerTopFirst().get(0);
    assertThat(top.resolve("etc/two")).hasContent("2");
  }

  @Test
  void equalLayersAreLinksAndLayersMayBeCompressed() throws Exception {
    files.put("a.tar", gzip(ONE));
    files.put("b/layer.tar", utf8("->../a.tar"));
    saved("", "\"b/layer.tar\",\"a.tar\"", ONE, ONE);
    ImageRecord image = layout.loadDocker(docker(), "");
    assertThat(image.name().value()).isEqualTo("app");
    assertThat(layout.store.ociManifest(image).layers().get(0).mediaType()).endsWith("+gzip");
  }

  @Test
  void severalImagesAreToldApart() throws Exception {
    files.put("a.tar", ONE);
    files.put("config.json", LayoutFixture.config("amd64", ONE));
    files.put(
        "manifest.json",
        utf8(
            "[{\"Config\":\"config.json\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"a.tar\"]},"
                + "{\"Config\":\"config.json\",\"RepoTags\":null,\"Layers\":[\"a.tar\"]}]"));
    EngineException e = refusedDocker("");
    assertThat(e.code()).isEqualTo(ErrorCode.AMBIGUOUS);
    assertThat(e.why()).contains("\"app:1\"", "\"@1\"");
    assertThat(refusedDocker("app:2").code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(layout.loadDocker(docker(), "docker.io/library/app:1").name().value())
        .isEqualTo("registry-1.docker.io/library/app");
    assertThat(layout.loadDocker(docker(), "@1").name().value()).isEqualTo("app");
  }

  @Test
  void layersMustBeWhatTheConfigurationSays() throws Exception {
    files.put("a.tar", TWO);
    saved("", "\"a.tar\"", ONE);
    assertThat(refusedDocker("").code()).isEqualTo(ErrorCode.CORRUPT);
    files.put("a.tar", gzip(TWO));
    assertThat(refusedDocker("").code()).isEqualTo(ErrorCode.CORRUPT);
    files.remove("a.tar");
    assertThat(refusedDocker("").why()).contains("\"a.tar\" is missing");
    assertNothingLeft();
  }

  @Test
  void pathsOutOfADockerArchiveAreRefused() throws Exception {
    for (String path : List.of("/etc/shadow", "../../etc/shadow", "a/../../etc/shadow", "")) {
      saved("", "\"" + path + "\"", ONE);
      assertThat(refusedDocker("").why()).as(path).contains("bad path in archive");
    }
    files.put("a.tar", utf8("->/etc/shadow"));
    saved("", "\"a.tar\"", ONE);
    assertThat(refusedDocker("").why()).contains("\"a.tar\" is missing");
    assertNothingLeft();
  }

  @Test
  void otherArchivesAreSaid() throws Exception {
    files.put("repositories", utf8("{}"));
    assertThat(refusedDocker("").why()).contains("before 1.10");
    files.clear();
    files.put("oci-layout", utf8("{}"));
    assertThat(refusedDocker("").remedy()).contains("oci-archive:");
    files.clear();
    saved("", "", new byte[0][]);
    assertThat(refusedDocker("").why()).contains("no layers");
  }
}
