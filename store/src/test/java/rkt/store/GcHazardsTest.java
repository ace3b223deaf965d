package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** gc against running imports, and imports killed at any moment. */
class GcHazardsTest {
  @TempDir Path temporary;
  private StoreFixture f;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private static OciImage image(int number, int files) {
    TarBuilder layer = new TarBuilder();
    for (int i = 0; i < files; i++) {
      layer.file("dir" + i % 7 + "/file" + i, "content " + number + " " + i);
    }
    return OciImage.of(new TarBuilder().file("base", "shared"), layer);
  }

  @Test
  void gcKeepsWhatARunningImportHas() throws EngineException {
    OciImage image = image(1, 10);
    try (OciImport oci = f.store.beginOci()) {
      oci.unpackLayer(image.layer(0), image.diffId(0), StoreFixture.stream(image.blobs().get(0)));
      f.store.gc(StoreFixture.ALL);
      assertThat(oci.hasBlob(image.layer(0))).isTrue();
      oci.unpackLayer(image.layer(1), image.diffId(1), StoreFixture.stream(image.blobs().get(1)));
      f.store.gc(StoreFixture.ALL);
      oci.commit(image.commit("app"));
    }
    assertThat(f.store.verify(f.store.list().get(0)).problems()).isEmpty();
  }

  /** The import relies on a layer that it found; its image is removed before the commit. */
  @Test
  void gcKeepsAFoundLayer() throws EngineException {
    OciImage old = OciImage.of(new TarBuilder().file("base", "shared"));
    f.importOci(old, "old");
    OciImage image = image(1, 3);
    try (OciImport oci = f.store.beginOci()) {
      assertThat(oci.hasLayer(image.layer(0), image.diffId(0))).isTrue();
      f.store.remove(old.id());
      f.store.gc(StoreFixture.ALL);
      oci.unpackLayer(image.layer(1), image.diffId(1), StoreFixture.stream(image.blobs().get(1)));
      oci.commit(image.commit("app"));
    }
    assertThat(f.store.verify(f.store.list().get(0)).problems()).isEmpty();
  }

  @Test
  void importsRemovalsAndGcAtTheSameTime() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService pool = Executors.newFixedThreadPool(6)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int number = t % 2;
        running.add(
            pool.submit(() -> {
              OciImage image = image(number, 20);
              for (int i = 0; i < 15; i++) {
                f.importOci(image, "app" + number);
                if (i % 3 == 0) {
                  f.store.remove(image.id());
                }
              }
              return null;
            }));
      }
      Future<?> gc =
          pool.submit(() -> {
            while (!stop.get()) {
              assertThat(f.store.gc(StoreFixture.SWEEP).failures()).isEmpty();
            }
            return null;
          });
      try {
        for (Future<?> one : running) {
          one.get(120, TimeUnit.SECONDS);
        }
      } finally {
        stop.set(true);
      }
      gc.get(30, TimeUnit.SECONDS);
    }
    assertEverythingVerifies();
    f.store.gc(StoreFixture.ALL);
    assertThat(f.files()).isEmpty();
  }

  private void assertEverythingVerifies() throws EngineException {
    for (ImageRecord image : f.store.list()) {
      assertThat(f.store.verify(image).problems()).isEmpty();
      f.store.rootfs(image, false);
    }
  }

  /** Imports, renders, removes and collects until it is killed. */
  static final class Busy {
    public static void main(String[] args) throws Exception {
      ImageStore store = ImageStore.open(Path.of(args[0]), rkt.os.Kernel.linux());
      StoreFixture f = new StoreFixture(Path.of(args[0]).getParent().getParent());
      System.out.println("ready");
      for (int i = 0; ; i++) {
        f.importOci(image(i % 3, 200), "app" + i % 3);
        byte[] aci = StoreFixture.aci("aci" + i % 2, "").file("rootfs/x", "x" + i % 2).bytes();
        store.rootfs(f.importAci(aci, ImportOptions.of("x").withRendering(i % 3 != 0)), false);
        if (i % 4 == 3) {
          store.gc(i % 8 == 7 ? StoreFixture.ALL : StoreFixture.SWEEP);
        }
      }
    }
  }

  @Test
  void killedAtRandomMoments() throws Exception {
    Random random = new Random();
    for (int round = 0; round < 8; round++) {
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin/java").toString(),
              "--enable-native-access=ALL-UNNAMED",
              "-XX:TieredStopAtLevel=1",
              "-Djava.library.path=" + System.getProperty("java.library.path"),
              "-cp",
              System.getProperty("java.class.path"),
              Busy.class.getName(),
              f.cas.toString());
      Process busy = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (InputStream out = busy.getInputStream()) {
        assertThat(out.read()).isEqualTo('r');
        Thread.sleep(random.nextInt(400));
      } finally {
        busy.destroyForcibly().waitFor();
      }
      assertEverythingVerifies();
      GcReport report = f.store.gc(StoreFixture.SWEEP);
      assertThat(report.failures()).isEmpty();
      assertEmptyOrAbsent(f.cas.resolve("tmp"));
      assertEmptyOrAbsent(f.cas.resolve("leases"));
      assertEverythingVerifies();
    }
    f.store.gc(StoreFixture.ALL);
    assertThat(f.files()).isEmpty();
  }

  /** A writer killed early has not made the directory yet. */
  private static void assertEmptyOrAbsent(Path directory) {
    if (Files.exists(directory)) {
      assertThat(directory).isEmptyDirectory();
    }
  }

  /** A dead writer's leftovers go, whatever they are. */
  @Test
  void leftoversOfTheDead() throws EngineException, IOException {
    f.importOci(image(1, 3), "app");
    Files.createDirectories(f.cas.resolve("tmp/4711-abc-1.1/fs"));
    Files.writeString(f.cas.resolve("leases/4711-abc-1"), "blob:00\n");
    Files.writeString(f.cas.resolve("image/.tmp-1-2-3"), "{");
    Files.createDirectories(f.cas.resolve("oci/aa"));
    Files.writeString(f.cas.resolve("oci/aa/" + "a".repeat(64)), "orphan");
    Files.createDirectories(f.cas.resolve("layer/" + "a".repeat(32) + "/fs"));
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
    assertThat(f.cas.resolve("leases")).isEmptyDirectory();
    assertThat(f.files()).noneMatch(name -> name.contains(".tmp-") || name.contains("aaaaaaaa"));
    assertEverythingVerifies();
  }
}
