package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.oci.OciManifest;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;
import rkt.store.unpack.UnpackLimits;

/** Bounds on one image, however many layers it has. */
class OciLimitsTest {
  @TempDir Path temporary;

  @Test
  void manyLayersAreRefused() {
    TarBuilder[] layers = new TarBuilder[513];
    Arrays.fill(layers, new TarBuilder().file("a", "b"));
    byte[] manifest = OciImage.of(layers).manifest();
    assertThatThrownBy(() -> OciManifest.parse(manifest))
        .hasMessageContaining("513 of them, at most 512");
    TarBuilder[] fewer = Arrays.copyOf(layers, 512);
    assertThat(OciManifest.parse(OciImage.of(fewer).manifest()).layers()).hasSize(512);
  }

  @Test
  void layersAreBoundedTogether() throws EngineException {
    StoreFixture f = new StoreFixture(temporary);
    Layout layout = new Layout(f.cas, f.kernel);
    Index index = new Index(layout);
    Publisher publisher = new Publisher(layout, index, new References(layout));
    OciImage image =
        OciImage.of(
            new TarBuilder().file("a", "x".repeat(6000)),
            new TarBuilder().file("b", "y".repeat(6000)));
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(14_000);
    try (OciImport oci = new OciImport(layout, publisher, limits)) {
      oci.unpackLayer(image.layer(0), image.diffId(0), StoreFixture.stream(image.blobs().get(0)));
      assertThatThrownBy(() ->
              oci.unpackLayer(
                  image.layer(1), image.diffId(1), StoreFixture.stream(image.blobs().get(1))))
          .hasMessageContaining("taken together");
    }
    f.importOci(image, "app");
    // Also what was here before counts.
    OciImage more = OciImage.of(image.tars());
    try (OciImport oci = new OciImport(layout, publisher, limits)) {
      assertThat(oci.hasLayer(more.layer(0), more.diffId(0))).isTrue();
      assertThat(oci.hasLayer(more.layer(1), more.diffId(1))).isTrue();
      assertThatThrownBy(() -> oci.commit(more.commit("app")))
          .hasMessageContaining("taken together");
    }
  }
}
