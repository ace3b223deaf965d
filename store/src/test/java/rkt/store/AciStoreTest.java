package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.trust.Verdict;
import rkt.store.unpack.TarBuilder;

/** ACIs in the store: import, look-up, rendering, removal. */
class AciStoreTest {
  @TempDir Path temporary;
  private StoreFixture f;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private void refused(byte[] archive, ErrorCode code, String words) throws IOException {
    assertThatThrownBy(() -> f.importAci(archive))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining("test.aci")
        .hasMessageContaining(words);
    assertThat(f.files()).isEmpty();
  }

  @Test
  void anAbsentStoreIsEmpty() throws EngineException {
    assertThat(f.store.list()).isEmpty();
    assertThat(f.store.byRef("docker://x")).isEmpty();
    assertThat(f.store.gc(StoreFixture.ALL).removedFiles()).isZero();
    assertThat(f.cas).doesNotExist();
  }

  @Test
  void importAndRender() throws EngineException, IOException {
    byte[] tar = StoreFixture.aci("example.com/a", "").file("rootfs/bin/x", "x").bytes();
    ImageRecord plain =
        f.importAci(tar, ImportOptions.of("x").withRefs(List.of(Reference.of("u"))));
    ImageRecord zipped = f.importAci(StoreFixture.gzip(tar));
    assertThat(zipped.id()).isEqualTo(plain.id());
    assertThat(f.store.list()).hasSize(1);
    assertThat(f.store.byRef("u").orElseThrow().id()).isEqualTo(plain.id());
    assertThat(f.store.manifest(plain).name().value()).isEqualTo("example.com/a");

    RootfsLayers rootfs = f.store.rootfs(plain, false);
    Path tree = rootfs.lowerTopFirst().get(0);
    assertThat(tree.resolve("bin/x")).hasContent("x");
    assertThat(rootfs.treeStoreId()).startsWith("deps-sha512-").hasSize(76);
    assertThat(tree.resolveSibling("rendered")).exists();
    assertThat(tree.resolveSibling("image")).hasContent(plain.id().value());
    assertThat(f.store.verify(plain).ok()).isTrue();
    assertThat(f.store.sizeOf(plain)).isEqualTo(tar.length + 1);

    Files.writeString(tree.resolve("bin/x"), "y");
    assertThat(f.store.verify(plain).problems())
        .singleElement()
        .asString()
        .contains("wrong tree hash");
  }

  @Test
  void badLayouts() throws IOException {
    TarBuilder ok = StoreFixture.aci("a", "");
    refused(new TarBuilder().dir("rootfs").bytes(), ErrorCode.CORRUPT, "missing manifest");
    refused(
        new TarBuilder().entry("manifest", '0').data(StoreFixture.manifest("a", "")).add().bytes(),
        ErrorCode.CORRUPT,
        "missing rootfs");
    refused(ok.unfinished(), ErrorCode.CORRUPT, "end marker");
    refused(Arrays.copyOf(ok.bytes(), 700), ErrorCode.CORRUPT, "cut short");
    refused(StoreFixture.aci("a", "").file("evil", "x").bytes(), ErrorCode.REFUSED, "unexpected");
    refused(
        StoreFixture.aci("a", "").file("./manifest", "x").bytes(), ErrorCode.REFUSED, "duplicate");
    refused(
        StoreFixture.aci("a", "").file("rootfs/../x", "x").bytes(), ErrorCode.REFUSED, "climbs");
    refused(
        new TarBuilder().symlink("manifest", "/etc/passwd").dir("rootfs").bytes(),
        ErrorCode.REFUSED,
        "plain file");
    refused(new TarBuilder().symlink("rootfs", "/").bytes(), ErrorCode.REFUSED, "not a directory");
    refused(StoreFixture.aci("A!", "").bytes(), ErrorCode.INVALID, "");
    refused(StoreFixture.aci("a", ",\"name\":\"b\"").bytes(), ErrorCode.INVALID, "name");
    refused("no tar".getBytes(java.nio.charset.StandardCharsets.UTF_8), ErrorCode.CORRUPT, "text");
  }

  @Test
  void expectedIdAndSizeLimit() throws EngineException, IOException {
    byte[] tar = StoreFixture.aci("a", "").bytes();
    ImageId other = ImageId.sha512("0".repeat(64));
    assertThatThrownBy(() -> f.importAci(tar, ImportOptions.of("x").withExpected(other)))
        .hasMessageContaining("image hash does not match expected (");
    assertThatThrownBy(() -> f.importAci(tar, ImportOptions.of("x").withMaxUncompressedBytes(1000)))
        .hasMessageContaining("larger than 1000 bytes");
    assertThat(f.files()).isEmpty();
  }

  @Test
  void keyResolution() throws EngineException {
    ImageId id = f.importAci(StoreFixture.aci("a", "").bytes()).id();
    assertThat(f.store.resolve(id.value())).isEqualTo(id);
    assertThat(f.store.resolve(id.value() + "f".repeat(64))).isEqualTo(id);
    assertThat(f.store.resolve(id.value().substring(0, 9))).isEqualTo(id);
    assertThatThrownBy(() -> f.store.resolve("md5-00")).hasMessageContaining("wrong key prefix");
    assertThatThrownBy(() -> f.store.resolve("sha512-0"))
        .hasMessageContaining("image ID too short");
    assertThatThrownBy(() -> f.store.resolve("sha512-zz"))
        .hasMessageContaining("no image IDs found");
    String prefix = id.value().substring(0, 9);
    for (int i = 0; i < 5000; i++) {
      ImageId next =
          f.importAci(
                  StoreFixture.aci("a", ",\"labels\":[{\"name\":\"l\",\"value\":\"" + i + "\"}]")
                      .bytes())
              .id();
      if (next.value().startsWith(prefix)) {
        break;
      }
    }
    assertThatThrownBy(() -> f.store.resolve(prefix))
        .hasMessageContaining("ambiguous image ID: \"" + prefix + "\"");
  }

  private ImageRecord named(String version, boolean latest) throws EngineException {
    String labels = ",\"labels\":[{\"name\":\"version\",\"value\":\"" + version + "\"}]";
    return f.importAci(
        StoreFixture.aci("example.com/app", labels).bytes(),
        ImportOptions.of("x").withLatest(latest));
  }

  @Test
  void bestMatch() throws EngineException {
    ImageRecord one = named("1", true);
    ImageRecord two = named("2", false);
    AcIdentifier name = new AcIdentifier("example.com/app");
    assertThat(f.store.byName(name, Labels.EMPTY).orElseThrow().id()).isEqualTo(one.id());
    assertThat(f.store.byName(name, Labels.of(new Label("version", "2"))).orElseThrow().id())
        .isEqualTo(two.id());
    assertThat(f.store.byName(name, Labels.of(new Label("os", "linux")))).isEmpty();
    assertThat(f.store.allByName(name)).hasSize(2);
    named("1", false);
    // Imported again: now the newer one, and no longer the latest by name.
    assertThat(f.store.byName(name, Labels.EMPTY).orElseThrow().id()).isEqualTo(one.id());
    named("2", false);
    assertThat(f.store.byName(name, Labels.EMPTY).orElseThrow().id()).isEqualTo(two.id());
  }

  @Test
  void dependenciesClaimsAndWhitelists() throws EngineException, IOException {
    f.importAci(StoreFixture.aci("d", "").file("rootfs/d", "d").file("rootfs/hidden", "d").bytes());
    f.importAci(
        StoreFixture.aci("b", "")
            .entry("rootfs/dir", '5')
            .mode(01777)
            .add()
            .file("rootfs/dir/below", "b")
            .file("rootfs/both", "b")
            .file("rootfs/top", "b")
            .symlink("rootfs/implied", "/etc")
            .file("rootfs/file/child", "b")
            .bytes());
    f.importAci(
        StoreFixture.aci(
                "c",
                ",\"dependencies\":[{\"imageName\":\"d\"}],\"pathWhitelist\":[\"/both\",\"/d\"]")
            .file("rootfs/both", "c")
            .file("rootfs/unlisted", "c")
            .bytes());
    ImageRecord top =
        f.importAci(
            StoreFixture.aci("a", ",\"dependencies\":[{\"imageName\":\"b\"},{\"imageName\":\"c\"}]")
                .file("rootfs/top", "a")
                .file("rootfs/dir/above", "a")
                .file("rootfs/implied/x", "a")
                .file("rootfs/file", "a")
                .bytes());
    Path tree = f.store.rootfs(top, false).lowerTopFirst().get(0);
    assertThat(tree.resolve("top")).hasContent("a");
    // The later dependency stands above the earlier one.
    assertThat(tree.resolve("both")).hasContent("c");
    assertThat(tree.resolve("unlisted")).doesNotExist();
    assertThat(tree.resolve("d")).hasContent("d");
    assertThat(tree.resolve("hidden")).doesNotExist();
    assertThat(tree.resolve("dir/below")).hasContent("b");
    assertThat(tree.resolve("dir/above")).hasContent("a");
    assertThat((Integer) Files.getAttribute(tree.resolve("dir"), "unix:mode") & 07777)
        .isEqualTo(01777);
    assertThat(tree.resolve("implied/x")).hasContent("a");
    assertThat(tree.resolve("file")).hasContent("a");
  }

  @Test
  void missingAndCircularDependencies() throws EngineException {
    ImageRecord lonely =
        f.importAci(StoreFixture.aci("a", ",\"dependencies\":[{\"imageName\":\"gone\"}]").bytes());
    assertThatThrownBy(() -> f.store.rootfs(lonely, false))
        .hasMessageContaining("dependency gone is not in the store");
    ImageRecord circle =
        f.importAci(StoreFixture.aci("x", ",\"dependencies\":[{\"imageName\":\"x\"}]").bytes());
    assertThatThrownBy(() -> f.store.rootfs(circle, false)).hasMessageContaining("circle");
  }

  @Test
  void damagedBlobIsNotRendered() throws EngineException, IOException {
    ImageRecord image = f.importAci(StoreFixture.aci("a", "").file("rootfs/x", "good").bytes());
    Path blob = f.cas.resolve("blob/sha512/" + image.id().hex().substring(0, 2) + "/" + image.id());
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length - 1] = 1;
    Files.write(blob, bytes);
    assertThatThrownBy(() -> f.store.rootfs(image, false))
        .hasMessageContaining("image hash does not match expected (");
    assertThat(f.cas.resolve("tree")).isEmptyDirectory();
    assertThat(f.store.verify(image).ok()).isFalse();
  }

  @Test
  void removalKeepsTheTreeAndGcTakesIt() throws EngineException, IOException {
    ImageRecord image = f.importAci(StoreFixture.aci("a", "").bytes());
    String treeId = f.store.rootfs(image, false).treeStoreId();
    assertThat(f.store.remove(image.id())).isInstanceOf(RemovalResult.Removed.class);
    assertThat(f.store.remove(image.id())).isInstanceOf(RemovalResult.NotFound.class);
    assertThat(f.store.list()).isEmpty();
    GcPolicy inUse =
        new GcPolicy(true, Long.MAX_VALUE, java.util.Set.of(), java.util.Set.of(treeId));
    assertThat(f.store.gc(inUse).removedTrees()).isEmpty();
    assertThat(f.cas.resolve("tree/" + treeId + "/rendered")).exists();
    assertThat(f.store.gc(StoreFixture.ALL).removedTrees()).containsExactly(treeId);
    assertThat(f.files()).isEmpty();
  }

  @Test
  void gcSparesWhatWasUsedOrIsInUse() throws EngineException {
    ImageRecord image = f.importAci(StoreFixture.aci("a", "").bytes());
    f.store.touch(image);
    long used = f.store.get(image.id()).orElseThrow().lastUsedNanos();
    GcPolicy grace = new GcPolicy(true, used, java.util.Set.of(), java.util.Set.of());
    assertThat(f.store.gc(grace).images()).isEmpty();
    GcPolicy running =
        new GcPolicy(true, Long.MAX_VALUE, java.util.Set.of(image.id()), java.util.Set.of());
    assertThat(f.store.gc(running).images()).isEmpty();
    assertThat(f.store.gc(StoreFixture.ALL).images()).hasSize(1);
  }

  /** Each import reads the record, adds its verdict and writes it: none may fall between. */
  @Test
  void importsAtTheSameTimeKeepEveryVerdict() throws Exception {
    byte[] aci = StoreFixture.aci("a", "").bytes();
    int importers = 12;
    try (ExecutorService pool = Executors.newFixedThreadPool(importers)) {
      List<Future<ImageRecord>> imports = new ArrayList<>();
      for (int i = 0; i < importers; i++) {
        Verdict verdict = verdict(Verdict.Kind.UNSIGNED, "place" + i);
        imports.add(
            pool.submit(() -> f.importAci(aci, ImportOptions.of("x").withVerdict(verdict))));
      }
      for (Future<ImageRecord> each : imports) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(f.store.list().getFirst().verdicts()).hasSize(importers);
    assertThat(f.files()).noneMatch(file -> file.startsWith("imagelocks/"));
  }

  private static Verdict verdict(Verdict.Kind kind, String subject) {
    return new Verdict(kind, subject, "", "", List.of("somebody"), 1);
  }

  private Verdict.Kind kindAfter(Verdict verdict) throws EngineException {
    byte[] aci = StoreFixture.aci("a", "").bytes();
    ImageRecord made = f.importAci(aci, ImportOptions.of("x").withVerdict(verdict));
    // Whoever imports is told what is stored.
    assertThat(f.store.get(made.id()).orElseThrow().verdicts()).isEqualTo(made.verdicts());
    return made.verdict().kind();
  }

  @Test
  void anUncheckedImportForgetsNoGoodSignature() throws EngineException {
    assertThat(kindAfter(verdict(Verdict.Kind.UNCHECKED, "a"))).isEqualTo(Verdict.Kind.UNCHECKED);
    assertThat(kindAfter(verdict(Verdict.Kind.PGP, "a"))).isEqualTo(Verdict.Kind.PGP);
    assertThat(kindAfter(verdict(Verdict.Kind.UNCHECKED, "a"))).isEqualTo(Verdict.Kind.PGP);
    assertThat(kindAfter(verdict(Verdict.Kind.COSIGN, "a"))).isEqualTo(Verdict.Kind.COSIGN);
    assertThat(kindAfter(verdict(Verdict.Kind.UNCHECKED, "a"))).isEqualTo(Verdict.Kind.COSIGN);
    // That was about another name, or is a finding of its own.
    assertThat(kindAfter(verdict(Verdict.Kind.UNCHECKED, "b"))).isEqualTo(Verdict.Kind.UNCHECKED);
    kindAfter(verdict(Verdict.Kind.PGP, "a"));
    assertThat(kindAfter(verdict(Verdict.Kind.UNSIGNED, "a"))).isEqualTo(Verdict.Kind.UNSIGNED);
  }
}
