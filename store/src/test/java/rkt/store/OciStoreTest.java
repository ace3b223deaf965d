package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** OCI images in the store: digests, layers, seeds, merging, sharing. */
class OciStoreTest {
  @TempDir Path temporary;
  private StoreFixture f;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private static TarBuilder base() {
    return new TarBuilder()
        .dir("./")
        .dir("./etc/")
        .file("./etc/passwd", "root")
        .file("./etc/gone", "x")
        .entry("./tmp/", '5')
        .mode(01777)
        .uid(7)
        .add()
        .dir("./opaque/")
        .file("./opaque/old", "x");
  }

  private static TarBuilder second() {
    return new TarBuilder()
        .file("etc/.wh.gone", "")
        .file("etc/passwd", "new")
        .file("tmp/sub/file", "x")
        .dir("opaque")
        .file("opaque/.wh..wh..opq", "")
        .file("opaque/new", "n");
  }

  /** What a tar writer leaves that is never closed: umoci's and others' layers. */
  @Test
  void layersWithoutClosingBlocksOrLastPaddingUnpack() throws EngineException {
    byte[] finished = new TarBuilder().file("file", "content").unfinished();
    for (int missing : new int[] {0, 512 - "content".length()}) {
      byte[] tar = Arrays.copyOf(finished, finished.length - missing);
      ImageRecord record = f.importOci(OciImage.of(List.of(tar)), "app");
      Path layer = f.store.rootfs(record, false).lowerTopFirst().getFirst();
      assertThat(layer.resolve("file")).hasContent("content");
    }
  }

  @Test
  void layersStackAndSeeds() throws EngineException {
    OciImage image = OciImage.of(base(), second());
    ImageRecord record = f.importOci(image, "app");
    assertThat(record.id()).isEqualTo(image.id());
    assertThat(f.store.byRef("docker://host/app:latest").orElseThrow().id()).isEqualTo(record.id());
    assertThat(f.store.get(record.id()).orElseThrow())
        .isEqualTo(
            new ImageRecord(
                record.id(),
                record.kind(),
                record.name(),
                record.labels(),
                record.importTimeNanos(),
                f.store.get(record.id()).orElseThrow().lastUsedNanos(),
                record.size(),
                true,
                record.manifestDigest(),
                record.diffIds(),
                record.verdict()));

    RootfsLayers rootfs = f.store.rootfs(record, false);
    assertThat(rootfs.lowerTopFirst()).hasSize(2);
    assertThat(rootfs.lowerTopFirst().get(0).resolve("etc/passwd")).hasContent("new");
    assertThat(rootfs.upperSeeds()).extracting(ImplicitDir::path).containsExactly("", "etc", "tmp");
    ImplicitDir tmp = rootfs.upperSeeds().get(2);
    assertThat(tmp.mode()).isEqualTo(01777);
    assertThat(tmp.uid()).isEqualTo(7);
    assertThat(f.store.verify(record).problems()).isEmpty();
    assertThat(f.store.sizeOf(record)).isGreaterThan(record.size());
  }

  @Test
  void copyMergesLayers() throws EngineException, IOException {
    ImageRecord record = f.importOci(OciImage.of(base(), second()), "app");
    Path target = temporary.resolve("copy");
    f.store.copyRootfs(record, target);
    assertThat(target.resolve("etc/passwd")).hasContent("new");
    assertThat(target.resolve("etc/gone")).doesNotExist();
    assertThat(target.resolve("opaque/old")).doesNotExist();
    assertThat(target.resolve("opaque/new")).hasContent("n");
    assertThat(target.resolve("tmp/sub/file")).hasContent("x");
    assertThat((Integer) Files.getAttribute(target.resolve("tmp"), "unix:mode") & 07777)
        .isEqualTo(01777);
    assertThat(f.kernel.llistxattr(target.resolve("opaque").toString())).isEmpty();
  }

  @Test
  void copyKeepsHardLinksHolesAndNodes() throws EngineException, IOException {
    ImageRecord record =
        f.importOci(
            OciImage.of(
                new TarBuilder()
                    .file("a", "x")
                    .hardLink("d/b", "a")
                    .symlink("l", "/etc/passwd")
                    .entry("null", '3')
                    .device(1, 3)
                    .add()
                    .pax("GNU.sparse.size", "50000000", "GNU.sparse.map", "40000000,512")
                    .entry("hole", '0')
                    .data(new byte[512])
                    .add()),
            "app");
    Path target = temporary.resolve("copy");
    f.store.copyRootfs(record, target);
    assertThat(Files.getAttribute(target.resolve("d/b"), "unix:ino"))
        .isEqualTo(Files.getAttribute(target.resolve("a"), "unix:ino"));
    assertThat(Files.readSymbolicLink(target.resolve("l"))).hasToString("/etc/passwd");
    assertThat(Files.size(target.resolve("hole"))).isEqualTo(50_000_000);
  }

  @Test
  void opaqueRootCutsTheStack() throws EngineException {
    ImageRecord record =
        f.importOci(
            OciImage.of(base(), new TarBuilder().file(".wh..wh..opq", "").file("only", "x")),
            "app");
    assertThat(f.store.rootfs(record, false).lowerTopFirst()).hasSize(1);
  }

  /** overlayfs refuses one directory twice. */
  @Test
  void repeatedLayersStackOnce() throws EngineException {
    TarBuilder empty = new TarBuilder();
    OciImage image = OciImage.of(base(), empty, second(), empty);
    ImageRecord record = f.importOci(image, "app");
    List<Path> lowers = f.store.rootfs(record, false).lowerTopFirst();
    assertThat(lowers).hasSize(3).doesNotHaveDuplicates();
    assertThat(record.diffIds()).hasSize(4);
  }

  @Test
  void mismatchesAreRefusedAndLeaveNothing() throws EngineException, IOException {
    OciImage image = OciImage.of(base());
    OciImage other = OciImage.of(second());
    byte[] blob = image.blobs().get(0);
    try (OciImport oci = f.store.beginOci()) {
      Descriptor layer = image.layer(0);
      assertThatThrownBy(() -> oci.unpackLayer(layer, other.diffId(0), StoreFixture.stream(blob)))
          .hasMessageContaining("the image config says " + other.diffId(0));
      byte[] longer = Arrays.copyOf(blob, blob.length + 1);
      assertThatThrownBy(() -> oci.unpackLayer(layer, image.diffId(0), StoreFixture.stream(longer)))
          .hasMessageContaining("longer than");
      byte[] shorter = Arrays.copyOf(blob, blob.length - 1);
      assertThatThrownBy(
              () -> oci.unpackLayer(layer, image.diffId(0), StoreFixture.stream(shorter)))
          .hasMessageContaining("announced");
      byte[] damaged = blob.clone();
      damaged[blob.length / 2] ^= 1;
      assertThatThrownBy(
              () -> oci.unpackLayer(layer, image.diffId(0), StoreFixture.stream(damaged)))
          .hasMessageContaining("has the digest");
      byte[] html = "<html>not found</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8);
      assertThatThrownBy(() -> oci.writeBlob(layer, StoreFixture.stream(html)))
          .hasMessageContaining(layer.digest().toString());
      assertThat(oci.hasBlob(layer)).isFalse();
      assertThatThrownBy(() -> oci.commit(image.commit("app"))).hasMessageContaining("missing");
    }
    assertThat(f.store.list()).isEmpty();
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.files()).isEmpty();
  }

  @Test
  void storedBlobsAreUsedAgainAndVerified() throws EngineException, IOException {
    OciImage image = OciImage.of(base());
    try (OciImport oci = f.store.beginOci()) {
      oci.unpackLayer(image.layer(0), image.diffId(0), StoreFixture.stream(image.blobs().get(0)));
      assertThat(oci.hasLayer(image.layer(0), image.diffId(0))).isTrue();
    }
    try (OciImport oci = f.store.beginOci()) {
      assertThat(oci.hasLayer(image.layer(0), image.diffId(0))).isFalse();
      assertThat(oci.hasBlob(image.layer(0))).isTrue();
      oci.unpackStored(image.layer(0), image.diffId(0));
      oci.commit(image.commit("app"));
    }
    Path blob = f.cas.resolve("oci").resolve(image.layer(0).digest().hex().substring(0, 2));
    Path file = blob.resolve(image.layer(0).digest().hex());
    byte[] bytes = Files.readAllBytes(file);
    bytes[20] ^= 1;
    Files.write(file, bytes);
    ImageRecord record = f.store.get(image.id()).orElseThrow();
    assertThat(f.store.verify(record).problems()).singleElement().asString().contains("digest");
  }

  @Test
  void lostLayersAreUnpackedAgain() throws EngineException, IOException {
    OciImage image = OciImage.of(base(), second());
    ImageRecord record = f.importOci(image, "app");
    Path fs = f.store.rootfs(record, false).lowerTopFirst().get(1);
    f.kernel.removeTree(rkt.os.Consts.AT_FDCWD, fs.getParent().toString());
    assertThat(f.store.rootfs(record, false).lowerTopFirst().get(1).resolve("etc/gone")).exists();
  }

  @Test
  void changedLayersAreFound() throws EngineException, IOException {
    ImageRecord record = f.importOci(OciImage.of(base()), "app");
    Path fs = f.store.rootfs(record, false).lowerTopFirst().get(0);
    Files.writeString(fs.resolve("etc/passwd"), "evil");
    assertThat(f.store.verify(record).problems())
        .singleElement()
        .asString()
        .startsWith("wrong tree hash: ");
  }

  @Test
  void sharedLayersOutliveOneImageAndRunningPods() throws EngineException, IOException {
    ImageRecord one = f.importOci(OciImage.of(base()), "one");
    ImageRecord two = f.importOci(OciImage.of(base(), second()), "two");
    String treeId = f.store.rootfs(two, false).treeStoreId();
    f.store.remove(two.id());
    assertThat(f.store.verify(one).ok()).isTrue();
    assertThat(f.store.byRef("docker://host/two:latest")).isEmpty();
    // A pod still stands on the removed image's layers.
    GcPolicy running = new GcPolicy(true, 0, Set.of(), Set.of(treeId));
    f.store.gc(running);
    assertThat(f.cas.resolve("layer").toFile().list()).hasSize(2);
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.cas.resolve("layer").toFile().list()).hasSize(1);
    assertThat(f.store.rootfs(one, false).lowerTopFirst().get(0).resolve("etc/passwd"))
        .hasContent("root");
    f.store.gc(StoreFixture.ALL);
    assertThat(f.files()).isEmpty();
    assertThat(f.cas.resolve("layer")).isEmptyDirectory();
  }

  /** Set-uid programs of images must not be reachable for users of the host (CVE-2021-41091). */
  @Test
  void treesAreForRootOnly() throws EngineException, IOException {
    f.importOci(OciImage.of(base()), "one");
    for (String dir : new String[] {"layer", "tree", "tmp"}) {
      assertThat((Integer) Files.getAttribute(f.cas.resolve(dir), "unix:mode") & 0777)
          .isEqualTo(0700);
    }
  }
}
