package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static rkt.image.layout.LayoutFixture.layerTar;
import static rkt.image.layout.LayoutFixture.utf8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.ImageString.LayoutImage;
import rkt.image.build.TarFile;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.ImageRecord;
import rkt.store.ImportOptions;
import rkt.trust.CosignSignature;
import rkt.trust.Evidence;

class ImageExportTest {
  private static final byte[] ONE = layerTar("etc/one", "1");
  private static final byte[] TWO = layerTar("etc/two", "2");

  @TempDir Path temporary;
  private LayoutFixture layout;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void open() throws EngineException {
    layout = new LayoutFixture(temporary);
  }

  private Path export(ImageRecord image, ExportType type, String name) throws EngineException {
    Path output = temporary.resolve(name);
    export(image, type, output, false);
    return output;
  }

  private void export(ImageRecord image, ExportType type, Path output, boolean overwrite)
      throws EngineException {
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {}

          @Override
          public void warn(String line) {
            warnings.add(line);
          }
        };
    new ImageExport(layout.store, layout.kernel, layout.data, diagnostics)
        .export(image, type, output, overwrite);
  }

  private EngineException refused(
      ImageRecord image, ExportType type, Path output, boolean overwrite) {
    return catchThrowableOfType(
        EngineException.class, () -> export(image, type, output, overwrite));
  }

  private ImageRecord aci(String app) throws EngineException {
    byte[] manifest =
        utf8(
            "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/app\","
                + "\"labels\":[{\"name\":\"version\",\"value\":\"1.0\"},{\"name\":\"os\",\"value\":\"linux\"},"
                + "{\"name\":\"arch\",\"value\":\"amd64\"}]"
                + app
                + "}");
    byte[] archive =
        LayoutFixture.tar(tar -> {
          tar.entry(TarFile.regular("manifest", manifest.length), out -> out.write(manifest));
          tar.entry(TarFile.directory("rootfs"), out -> {});
          tar.entry(TarFile.regular("rootfs/file", 2), out -> out.write(utf8("hi")));
          tar.entry(TarFile.regular("rootfs/link", 0).hardLinkTo("rootfs/file"), out -> {});
        });
    return layout.store.importAci(new ByteArrayInputStream(archive), ImportOptions.of("app.aci"));
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> out = new TreeMap<>();
    try (var walk = Files.walk(directory)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        out.put(
            directory.relativize(file).toString(),
            Digests.of(Digest.SHA256, Files.readAllBytes(file)).toString());
      }
    }
    return out;
  }

  private void assertNoTemporaries() throws IOException {
    try (var list = Files.list(temporary)) {
      assertThat(list.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".rkt-"));
    }
    try (var list = Files.list(layout.data.resolve("cas/tmp"))) {
      assertThat(list).isEmpty();
    }
  }

  @Test
  void ociImagesKeepEveryByte() throws Exception {
    layout.image("example.com/app:1.0", ONE, TWO);
    ImageRecord image = layout.load("");
    Path out = export(image, ExportType.OCI, "out");
    for (Map.Entry<String, String> blob : contents(out).entrySet()) {
      if (blob.getKey().startsWith("blobs/")) {
        assertThat(blob.getKey()).endsWith(blob.getValue().substring("sha256:".length()));
        assertThat(layout.files).containsKey(blob.getKey());
      }
    }
    ImageRecord again = layout.load(LayoutImage.Kind.OCI, out, "example.com/app:1.0");
    assertThat(again.id()).isEqualTo(image.id());
    assertThat(again.name()).isEqualTo(image.name());
    Path archive = export(image, ExportType.OCI_ARCHIVE, "out.tar");
    assertThat(layout.load(LayoutImage.Kind.OCI_ARCHIVE, archive, "").id()).isEqualTo(image.id());
    assertNoTemporaries();
  }

  @Test
  void signaturesComeAlong() throws Exception {
    Descriptor entry = layout.image("example.com/app:1.0", ONE);
    ImageRecord image = layout.load("");
    String payload =
        "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" + entry.digest() + "\"}}}";
    layout.store.saveEvidence(
        image.id(),
        Evidence.cosign(
                List.of(
                    new CosignSignature(utf8(payload), "c2ln", "test"),
                    new CosignSignature(utf8("{}"), "b3RoZXI=", "test")),
                List.of(entry.digest()))
            .toJson());
    Path out = export(image, ExportType.OCI, "out");
    layout.trust.signed = true;
    layout.load(LayoutImage.Kind.OCI, out, "");
    assertThat(layout.trust.seen).hasSize(1);
    assertThat(layout.trust.seen.get(0).payload()).isEqualTo(utf8(payload));
    assertThat(layout.trust.seen.get(0).signature()).isEqualTo("c2ln");
    // With what was kept before, once: the image may have been judged by it under another name.
    assertThat(Evidence.parse(layout.store.evidence(image.id()).orElseThrow()).cosign()).hasSize(2);
  }

  @Test
  void dockerArchivesAreStableAfterTheFirst() throws Exception {
    layout.image("example.com/app:1.0", ONE, TWO, ONE);
    ImageRecord image = layout.load("");
    Path out = export(image, ExportType.DOCKER_ARCHIVE, "out.tar");
    ImageRecord again = layout.load(LayoutImage.Kind.DOCKER_ARCHIVE, out, "");
    assertThat(again.diffIds()).isEqualTo(image.diffIds());
    assertThat(again.name()).isEqualTo(image.name());
    Path second = export(again, ExportType.DOCKER_ARCHIVE, "second.tar");
    assertThat(second).hasSameBinaryContentAs(out);
  }

  @Test
  void acisKeepTheirDigest() throws Exception {
    ImageRecord image = aci("");
    Path out = export(image, ExportType.ACI, "out.aci");
    Digest digest = Digests.of(Digest.SHA512, Files.readAllBytes(out));
    assertThat(digest.hex()).startsWith(image.id().hex());
    assertThat(Files.getPosixFilePermissions(out).toString()).contains("OTHERS_READ");
  }

  @Test
  void acisBecomeOciTheSameWayEachTime() throws Exception {
    ImageRecord image =
        aci(
            ",\"app\":{\"exec\":[\"/bin/app\",\"-x\"],\"user\":\"/file\",\"group\":\"5\","
                + "\"workingDirectory\":\"/w\",\"environment\":[{\"name\":\"A\",\"value\":\"b\"}],"
                + "\"ports\":[{\"name\":\"www\",\"protocol\":\"tcp\",\"port\":80,\"count\":2}],"
                + "\"mountPoints\":[{\"name\":\"data\",\"path\":\"/data\"}],"
                + "\"supplementaryGIDs\":[7]}");
    Path out = export(image, ExportType.OCI, "out");
    assertThat(contents(export(image, ExportType.OCI, "again"))).isEqualTo(contents(out));
    assertThat(warnings)
        .contains("warning: the image's supplementary groups have no place in an OCI image");
    ImageRecord converted = layout.load(LayoutImage.Kind.OCI, out, "example.com/app:1.0");
    OciConfig config = OciConfig.parse(layout.store.ociConfigBytes(converted));
    assertThat(config.config().entrypoint()).containsExactly("/bin/app", "-x");
    assertThat(config.config().user()).isEqualTo("0:5");
    assertThat(config.config().env()).containsExactly("A=b");
    assertThat(config.config().exposedPorts()).containsExactly("80/tcp", "81/tcp");
    assertThat(config.config().volumes()).containsExactly("/data");
    assertThat(config.config().workingDir()).isEqualTo("/w");
    Path rootfs = layout.store.rootfs(converted, false).lowerTopFirst().get(0);
    assertThat(rootfs.resolve("file")).hasContent("hi");
    assertThat(Files.isSameFile(rootfs.resolve("file"), rootfs.resolve("link"))).isTrue();
  }

  /** There and back: what was OCI keeps its command in two halves. */
  @Test
  void ociImagesBecomeAcisTheSameWayEachTime() throws Exception {
    layout.image("example.com/app:1.0", ONE, TWO);
    ImageRecord image = layout.load("");
    Path out = export(image, ExportType.ACI, "out.aci");
    assertThat(export(image, ExportType.ACI, "again.aci")).hasSameBinaryContentAs(out);
    ImageRecord aci =
        layout.store.importAci(Files.newInputStream(out), ImportOptions.of("out.aci"));
    assertThat(aci.name()).isEqualTo(image.name());
    Path back = export(aci, ExportType.OCI, "back");
    ImageRecord oci = layout.load(LayoutImage.Kind.OCI, back, "");
    OciConfig before = OciConfig.parse(layout.store.ociConfigBytes(image));
    OciConfig after = OciConfig.parse(layout.store.ociConfigBytes(oci));
    assertThat(after.config()).isEqualTo(before.config());
  }

  @Test
  void existingOutputIsReplacedOnlyWhenAsked() throws Exception {
    ImageRecord image = aci("");
    Path file = layout.write("file", utf8("mine"));
    assertThat(refused(image, ExportType.ACI, file, false).why())
        .isEqualTo("output ACI file exists (try --overwrite)");
    assertThat(refused(image, ExportType.OCI_ARCHIVE, file, false).why())
        .isEqualTo("output file exists (try --overwrite)");
    assertThat(refused(image, ExportType.OCI, file, false).why())
        .isEqualTo("output directory exists (try --overwrite)");
    assertThat(file).hasContent("mine");
    export(image, ExportType.ACI, file, true);
    assertThat(Files.size(file)).isGreaterThan(512);
    for (String special : List.of("/dev/null", temporary.toString())) {
      assertThat(refused(image, ExportType.ACI, Path.of(special), true).why())
          .contains("not a regular file");
      Path link = temporary.resolve("special");
      LayoutFixture.flip(link, Path.of(special));
      assertThat(refused(image, ExportType.ACI, link, true).why()).contains("not a regular file");
      assertThat(link).isSymbolicLink();
    }
    assertNoTemporaries();
  }

  /** Whose link it is nobody knows, and what it leads to may be root's. */
  @Test
  void aLinkIsReplacedAndNotWhatItLeadsTo() throws Exception {
    ImageRecord image = aci("");
    Path file = layout.write("file", utf8("mine"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), file);
    Path nowhere = Files.createSymbolicLink(temporary.resolve("nowhere"), Path.of("none"));
    for (Path each : List.of(link, nowhere)) {
      assertThat(refused(image, ExportType.ACI, each, false).code()).isEqualTo(ErrorCode.CONFLICT);
      export(image, ExportType.ACI, each, true);
      assertThat(each).isRegularFile().isNotEqualTo(file);
      assertThat(Files.isSymbolicLink(each)).isFalse();
    }
    assertThat(file).hasContent("mine");
    assertThat(temporary.resolve("none")).doesNotExist();
  }

  /** The owner of the output's directory swaps the unfinished file for a link. */
  @Test
  void aSwappedTemporaryFileIsNoWayToAnother() throws Exception {
    Path shared = Files.createDirectory(temporary.resolve("shared"));
    Path precious = layout.write("precious", utf8("secret"));
    Files.setPosixFilePermissions(precious, PosixFilePermissions.fromString("rw-------"));
    for (boolean overwrite : new boolean[] {false, true}) {
      Path target = shared.resolve("out");
      EngineException e =
          catchThrowableOfType(
              EngineException.class,
              () -> {
                try (OutputFile file =
                    OutputFile.begin(layout.kernel, "export", target, overwrite, "exists")) {
                  file.publish(out -> {
                    out.write(utf8("content"));
                    LayoutFixture.flip(only(shared), precious);
                  });
                }
              });
      assertThat(e.code()).isEqualTo(ErrorCode.REFUSED);
      assertThat(e.why()).contains("somebody changed", shared.toString());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(precious)))
          .isEqualTo("rw-------");
      assertThat(precious).hasContent("secret");
      assertThat(target).doesNotExist();
      // The link is somebody else's, and stays.
      Files.delete(only(shared));
    }
  }

  private static Path only(Path directory) throws IOException {
    try (var list = Files.list(directory)) {
      return list.toList().getFirst();
    }
  }

  @Test
  void anImageThatIsGoneLeavesNoOutput() throws Exception {
    layout.image("", ONE);
    ImageRecord oci = layout.load("");
    ImageRecord aci = aci("");
    for (ImageRecord image : List.of(oci, aci)) {
      layout.store.remove(image.id());
      for (ExportType type : ExportType.values()) {
        Path out = temporary.resolve("out");
        EngineException e = refused(image, type, out, false);
        assertThat(e.code()).as(type + ": " + e.getMessage()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(out).doesNotExist();
      }
    }
    assertNoTemporaries();
  }

  @Test
  void aDamagedImageLeavesNoOutput() throws Exception {
    layout.image("", ONE);
    ImageRecord image = layout.load("");
    Digest layer = OciManifest.parse(layout.store.ociManifestBytes(image)).layers().get(0).digest();
    Path blob =
        layout.data.resolve("cas/oci").resolve(layer.hex().substring(0, 2)).resolve(layer.hex());
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length - 1] ^= 1;
    Files.write(blob, bytes);
    for (ExportType type :
        List.of(ExportType.OCI, ExportType.OCI_ARCHIVE, ExportType.DOCKER_ARCHIVE)) {
      Path out = temporary.resolve("out");
      EngineException refusal = refused(image, type, out, false);
      assertThat(refusal.code()).isEqualTo(ErrorCode.CORRUPT);
      assertThat(refusal.getMessage()).containsOnlyOnce("rkt image verify");
      assertThat(out).doesNotExist();
    }
    assertNoTemporaries();
  }
}
