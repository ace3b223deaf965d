package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.store.GcDecision.Thing;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** gc says why, tells beforehand what it would do, and references decide nothing but names. */
class GcExplainsTest {
  @TempDir Path temporary;
  private StoreFixture f;
  private final OciImage image = OciImage.of(new TarBuilder().file("a", "1"));
  private final OciImage other =
      OciImage.of(new TarBuilder().file("a", "1"), new TarBuilder().file("b", "2"));

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private static List<String> lines(GcReport report, Thing thing, boolean kept) {
    return report.decisions().stream()
        .filter(decision -> decision.thing() == thing && decision.kept() == kept)
        .map(GcDecision::why)
        .distinct()
        .toList();
  }

  @Test
  void aDryRunDecidesAndChangesNothing() throws EngineException, IOException {
    f.importOci(image, "one");
    f.importAci(StoreFixture.aci("example.com/a", "").bytes());
    Files.createDirectories(f.cas.resolve("tmp/4711-abc-1.1"));
    Files.writeString(f.cas.resolve("leases/4711-abc-1"), "blob:00\n");
    List<String> before = f.files();
    GcReport dry = f.store.gc(StoreFixture.ALL.withDryRun(true));
    assertThat(f.files()).isEqualTo(before);
    assertThat(f.cas.resolve("tmp/4711-abc-1.1")).exists();
    GcReport wet = f.store.gc(StoreFixture.ALL);
    assertThat(wet.decisions()).isEqualTo(dry.decisions());
    assertThat(wet.freedBytes()).isEqualTo(dry.freedBytes()).isPositive();
    assertThat(wet.images()).isEqualTo(dry.images()).hasSize(2);
    assertThat(f.files()).isEmpty();
  }

  /** By what was counted at import; what has no count, and leftovers, by looking into them. */
  @Test
  void whatTreesLayersAndLeftoversTakeIsCounted() throws EngineException, IOException {
    ImageRecord aci =
        f.importAci(
            StoreFixture.aci("example.com/a", "").file("rootfs/x", "x".repeat(70_000)).bytes());
    f.store.rootfs(aci, false);
    OciImage large = OciImage.of(new TarBuilder().file("y", "y".repeat(50_000)));
    ImageRecord oci = f.importOci(large, "one");
    f.store.rootfs(oci, false);
    Path left = Files.createDirectories(f.cas.resolve("tmp/4711-abc-1.1/d"));
    Files.writeString(left.resolve("z"), "z".repeat(30_000));
    Files.createLink(left.resolve("same"), left.resolve("z"));
    Path outside = Files.writeString(f.cas.resolve("kept"), "k".repeat(20_000));
    Files.createLink(left.resolve("elsewhere"), outside);
    Files.createSymbolicLink(left.resolve("link"), outside);
    GcReport dry = f.store.gc(StoreFixture.ALL.withDryRun(true));
    assertThat(bytes(dry, Thing.TREE)).isBetween(70_000L, 72_000L);
    assertThat(bytes(dry, Thing.LAYER)).isEqualTo(large.tars().getFirst().length);
    assertThat(bytes(dry, Thing.LEFTOVER)).isBetween(30_000L, 32_000L);
    Path tree = f.cas.resolve("tree").resolve(f.store.rootfs(aci, false).treeStoreId());
    Files.delete(tree.resolve("size"));
    Files.delete(only(f.cas.resolve("layer")).resolve("meta.json"));
    GcReport wet = f.store.gc(StoreFixture.ALL);
    assertThat(bytes(wet, Thing.TREE)).isBetween(70_000L, 72_000L);
    assertThat(bytes(wet, Thing.LAYER)).isEqualTo(50_000);
    long all = 0;
    for (Thing thing : Thing.values()) {
      all += thing == Thing.IMAGE ? 0 : bytes(wet, thing);
    }
    assertThat(wet.freedBytes()).isEqualTo(all);
  }

  private static Path only(Path dir) throws IOException {
    try (var files = Files.list(dir)) {
      return files.toList().getFirst();
    }
  }

  private static long bytes(GcReport report, Thing thing) {
    return report.decisions().stream()
        .filter(decision -> decision.thing() == thing && !decision.kept())
        .mapToLong(GcDecision::bytes)
        .sum();
  }

  @Test
  void eachThingHasAReason() throws EngineException {
    ImageRecord one = f.importOci(image, "one");
    ImageRecord two = f.importOci(other, "two");
    String tree = f.store.rootfs(two, false).treeStoreId();
    GcPolicy policy =
        new GcPolicy(true, Long.MAX_VALUE, Set.of(one.id()), Set.of(tree))
            .withUsers(Map.of(one.id().value(), "pod 1", tree, "pod 2"));
    GcReport report = f.store.gc(policy);
    assertThat(lines(report, Thing.IMAGE, true)).containsExactly("used by pod 1");
    assertThat(lines(report, Thing.IMAGE, false))
        .containsExactly("unused for longer than the grace period");
    assertThat(lines(report, Thing.REFERENCE, false)).containsExactly("its image is gone");
    assertThat(report.decisions())
        .filteredOn(decision -> decision.thing() == Thing.REFERENCE)
        .extracting(GcDecision::what)
        .containsExactlyInAnyOrder("docker://host/one:latest", "docker://host/two:latest");
    assertThat(lines(report, Thing.BLOB, true)).containsExactly("of image " + one.id().shortForm());
    assertThat(lines(report, Thing.BLOB, false)).containsExactly("nothing refers to it");
    assertThat(lines(report, Thing.TREE, true)).contains("used by pod 2");
    assertThat(lines(report, Thing.LAYER, true))
        .containsExactlyInAnyOrder("of image " + one.id().shortForm(), "used by pod 2");
    assertThat(lines(f.store.gc(StoreFixture.SWEEP), Thing.IMAGE, true))
        .containsExactly("images are not collected now");
  }

  @Test
  void whatAnotherRktHoldsHasAReason() throws EngineException {
    try (OciImport oci = f.store.beginOci();
        PartialBlob held = oci.partialBlob(image.layer(0), () -> {})) {
      oci.writeBlob(
          new rkt.schema.oci.Descriptor(
              "text/plain", StoreFixture.digest(image.config()), image.config().length),
          StoreFixture.stream(image.config()));
      GcReport report = f.store.gc(StoreFixture.ALL);
      assertThat(lines(report, Thing.BLOB, true)).containsExactly("another rkt works with it");
      assertThat(lines(report, Thing.DOWNLOAD, true)).containsExactly("another rkt works with it");
      assertThat(held.have()).isZero();
    }
  }

  @Test
  void aReferenceMoves() throws EngineException {
    ImageRecord one = f.importOci(image, "one");
    ImageRecord two = f.importOci(other, "two");
    f.store.tag(Reference.of("docker://host/one:latest"), two.id());
    f.store.tag(Reference.of("mine"), two.id());
    assertThat(f.store.byRef("docker://host/one:latest").orElseThrow().id()).isEqualTo(two.id());
    assertThat(f.store.references(one.id())).isEmpty();
    assertThat(f.store.references(two.id()))
        .extracting(stored -> stored.reference().ref())
        .containsExactly("docker://host/one:latest", "docker://host/two:latest", "mine");
    assertThat(f.store.references()).hasSize(3);
    assertThat(f.store.untag("mine")).isTrue();
    assertThat(f.store.untag("mine")).isFalse();
    // It is still an image, under its ID.
    assertThat(f.store.get(one.id())).isPresent();
    ImageId absent = ImageId.sha256("0".repeat(64));
    assertThatThrownBy(() -> f.store.tag(Reference.of("mine"), absent))
        .hasMessageContaining("cannot find image with key");
  }
}
