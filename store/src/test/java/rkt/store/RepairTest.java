package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Consts;
import rkt.schema.EngineException;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** What is damaged is named, made again from what is stored, or fetched: just that. */
class RepairTest {
  @TempDir Path temporary;
  private StoreFixture f;
  private final OciImage image =
      OciImage.of(new TarBuilder().file("a", "1"), new TarBuilder().file("b", "2"));

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private Path blob(int i) {
    String hex = image.layer(i).digest().hex();
    return f.cas.resolve("oci/" + hex.substring(0, 2) + "/" + hex);
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void aLayerIsUnpackedAgain() throws EngineException, IOException {
    ImageRecord record = f.importOci(image, "app");
    Path lower = f.store.rootfs(record, false).lowerTopFirst().get(0);
    Files.writeString(lower.resolve("b"), "evil");
    assertThat(f.store.verify(record).unrepaired())
        .extracting(Finding::part)
        .containsExactly(Finding.Part.LAYER);
    VerifyReport report = f.store.repair(record);
    assertThat(report.findings()).hasSize(1);
    assertThat(report.unrepaired()).isEmpty();
    assertThat(lower.resolve("b")).hasContent("2");
    assertThat(f.store.verify(record).ok()).isTrue();
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
  }

  /** A layer without its record is unpacked again, by a repair and when it is needed. */
  @Test
  void aLayerThatLostItsRecord() throws EngineException, IOException {
    ImageRecord record = f.importOci(image, "app");
    Path layer = f.cas.resolve("layer/" + Layout.layerName(image.diffId(0)));
    Files.delete(layer.resolve("meta.json"));
    assertThat(f.store.repair(record).unrepaired()).isEmpty();
    assertThat(f.store.verify(record).ok()).isTrue();
    f.kernel.removeTree(Consts.AT_FDCWD, layer.resolve("fs").toString());
    Files.delete(layer.resolve("meta.json"));
    assertThat(f.store.rootfs(record, false).lowerTopFirst().get(1).resolve("a")).exists();
  }

  @Test
  void onlyTheDamagedBlobIsFetched() throws EngineException, IOException {
    ImageRecord record = f.importOci(image, "app");
    flip(blob(0));
    assertThat(f.store.verify(record).findings())
        .containsExactly(
            new Finding(
                Finding.Part.BLOB,
                image.layer(0).digest().toString(),
                f.store.verify(record).problems().get(0),
                false));
    assertThat(blob(0)).exists();
    assertThat(f.store.repair(record).unrepaired()).hasSize(1);
    assertThat(blob(0)).doesNotExist();
    try (OciImport oci = f.store.beginOci()) {
      assertThat(oci.hasLayer(image.layer(0), image.diffId(0))).isFalse();
      assertThat(oci.hasLayer(image.layer(1), image.diffId(1))).isTrue();
    }
    f.importOci(image, "app");
    assertThat(f.store.verify(record).ok()).isTrue();
  }

  @Test
  void aTreeIsRenderedAgain() throws EngineException, IOException {
    byte[] archive = StoreFixture.aci("example.com/a", "").file("rootfs/x", "x").bytes();
    ImageRecord record = f.importAci(archive);
    Path tree = f.store.rootfs(record, false).lowerTopFirst().get(0);
    Files.delete(tree.resolve("x"));
    Files.delete(
        f.cas
            .resolve("imageManifest/sha512/" + record.id().hex().substring(0, 2))
            .resolve(record.id().value()));
    VerifyReport report = f.store.repair(record);
    assertThat(report.findings())
        .extracting(Finding::part)
        .containsExactly(Finding.Part.MANIFEST, Finding.Part.TREE);
    assertThat(report.unrepaired()).isEmpty();
    assertThat(tree.resolve("x")).hasContent("x");
    assertThat(f.store.verify(record).ok()).isTrue();
    assertThat(f.store.manifest(record).name()).hasToString(record.name().toString());
  }

  private Path manifest(ImageRecord record) {
    String id = record.id().value();
    String algorithm = id.substring(0, id.indexOf('-'));
    return f.cas
        .resolve("imageManifest/" + algorithm + "/" + record.id().hex().substring(0, 2))
        .resolve(id);
  }

  private List<Finding> manifestFindings(ImageRecord record, VerifyReport report) {
    assertThat(report.findings())
        .allMatch(finding -> finding.part() == Finding.Part.MANIFEST)
        .allMatch(finding -> finding.subject().equals(record.id().value()));
    return report.findings();
  }

  @Test
  void aDamagedManifestOfAnAciIsWrittenAgain() throws EngineException, IOException {
    byte[] archive = StoreFixture.aci("example.com/a", "").file("rootfs/x", "x").bytes();
    ImageRecord record = f.importAci(archive);
    Path manifest = manifest(record);
    byte[] good = Files.readAllBytes(manifest);
    String text = new String(good, StandardCharsets.UTF_8);
    for (String bad :
        List.of(
            "",
            "{",
            text.substring(1),
            text.replace("example.com/a", "example.com/b"),
            text.substring(0, text.length() - 1)
                + ",\"annotations\":[{\"name\":\"a\",\"value\":\"b\"}]}")) {
      Files.writeString(manifest, bad);
      assertThat(manifestFindings(record, f.store.verify(record))).hasSize(1);
      assertThat(manifest).hasContent(bad);
      assertThat(f.store.repair(record).unrepaired()).isEmpty();
      assertThat(manifest).hasBinaryContent(good);
      assertThat(f.store.verify(record).ok()).isTrue();
    }
  }

  @Test
  void aDamagedManifestOfAnOciImageIsWrittenByTheNextFetch() throws EngineException, IOException {
    ImageRecord record = f.importOci(image, "app");
    Path manifest = manifest(record);
    byte[] good = Files.readAllBytes(manifest);
    Files.writeString(manifest, "{");
    assertThat(manifestFindings(record, f.store.repair(record))).hasSize(1);
    assertThat(f.store.repair(record).unrepaired()).hasSize(1);
    f.importOci(image, "app");
    assertThat(manifest).hasBinaryContent(good);
    assertThat(f.store.verify(record).ok()).isTrue();
  }

  @Test
  void aDamagedArchiveIsFetched() throws EngineException, IOException {
    byte[] archive = StoreFixture.aci("example.com/a", "").file("rootfs/x", "x").bytes();
    ImageRecord record = f.importAci(archive);
    Path tree = f.store.rootfs(record, false).lowerTopFirst().get(0);
    Files.delete(tree.resolve("x"));
    flip(
        f.cas
            .resolve("blob/sha512/" + record.id().hex().substring(0, 2))
            .resolve(record.id().value()));
    assertThat(f.store.repair(record).unrepaired())
        .extracting(Finding::part)
        .containsExactly(Finding.Part.ARCHIVE, Finding.Part.TREE);
    f.importAci(archive);
    assertThat(f.store.repair(record).unrepaired()).isEmpty();
    assertThat(f.store.verify(record).ok()).isTrue();
  }
}
