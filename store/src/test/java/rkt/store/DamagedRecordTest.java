package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** What an image with a damaged record has is unknown, so nothing that it may have is removed. */
class DamagedRecordTest {
  private static final TarBuilder BASE = new TarBuilder().file("base", "shared");

  @TempDir Path temporary;
  private StoreFixture f;
  private OciImage damaged;
  private OciImage other;

  @BeforeEach
  void open() throws EngineException, IOException {
    f = new StoreFixture(temporary);
    damaged = OciImage.of(BASE, new TarBuilder().file("a", "1"));
    other = OciImage.of(BASE, new TarBuilder().file("a", "2"));
    f.importOci(damaged, "damaged");
    f.importOci(other, "other");
    Files.writeString(f.cas.resolve("image/" + damaged.id().value() + ".json"), "{");
  }

  private Path blob(OciImage image, int layer) {
    String hex = image.layer(layer).digest().hex();
    return f.cas.resolve("oci").resolve(hex.substring(0, 2)).resolve(hex);
  }

  @Test
  void anotherImageCanBeRemovedAndItsBlobsStay() throws EngineException {
    assertThat(f.store.remove(other.id())).isInstanceOf(RemovalResult.Removed.class);
    assertThat(f.store.get(other.id())).isEmpty();
    assertThat(blob(damaged, 0)).exists();
  }

  @Test
  void gcKeepsWhatItMayHaveAndSaysSo() throws EngineException {
    f.store.remove(other.id());
    GcReport report = f.store.gc(StoreFixture.ALL);
    // What to do is said once, with the image it is to be done to.
    assertThat(report.failures())
        .filteredOn(line -> line.contains("rkt image rm"))
        .singleElement()
        .asString()
        .contains("damaged image record", "\"rkt image rm " + damaged.id() + "\" removes it");
    assertThat(blob(damaged, 0)).exists();
    assertThat(blob(damaged, 1)).exists();
    assertThat(f.cas.resolve("layer").resolve(Layout.layerName(damaged.diffId(1)))).exists();
    f.importOci(damaged, "damaged");
    assertThat(f.store.verify(f.store.get(damaged.id()).orElseThrow()).problems()).isEmpty();
  }

  @Test
  void theDamagedOneCanBeRemovedAndThenGcCollects() throws EngineException {
    assertThat(f.store.remove(damaged.id())).isInstanceOf(RemovalResult.Removed.class);
    GcReport report = f.store.gc(StoreFixture.SWEEP);
    assertThat(report.failures()).isEmpty();
    assertThat(blob(damaged, 1)).doesNotExist();
    assertThat(blob(other, 0)).exists();
    assertThat(f.store.verify(f.store.get(other.id()).orElseThrow()).problems()).isEmpty();
  }

  @Test
  void aFetchGoesOnWithoutTheIndexOfNames() throws EngineException, IOException {
    Files.delete(f.cas.resolve("name/.complete"));
    f.importOci(OciImage.of(new TarBuilder().file("c", "d")), "third");
    assertThat(f.store.list()).hasSize(2);
  }
}
