package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.trust.Verdict;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** The catalog and the name index, which are copies: torn, outdated, missing, forged. */
class IndexCopiesTest {
  @TempDir Path temporary;
  private StoreFixture f;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private static byte[] aci(String name, String version) {
    String labels = ",\"labels\":[{\"name\":\"version\",\"value\":\"" + version + "\"}]";
    return StoreFixture.aci(name, labels).bytes();
  }

  private Path catalog() {
    return f.cas.resolve("catalog");
  }

  private void assertListed(ImageRecord... images) throws EngineException {
    assertThat(f.store.list()).containsExactlyInAnyOrder(images);
    for (ImageRecord image : images) {
      assertThat(f.store.get(image.id())).contains(image);
      assertThat(f.store.allByName(image.name())).contains(image);
    }
  }

  /** As stored: the time of the last use is that of the file. */
  private ImageRecord stored(ImageRecord image) throws EngineException {
    return f.store.get(image.id()).orElseThrow();
  }

  @Test
  void aRowSaysWhatTheRecordSays() throws EngineException, IOException {
    Verdict verdict =
        new Verdict(
            Verdict.Kind.PGP, "example.com/a", "", "ab", List.of("A <a@b>", "Größe \"q\""), 5);
    ImageRecord one =
        stored(
            f.importAci(
                aci("example.com/a", "1"),
                ImportOptions.of("a").withVerdict(verdict).withLatest(true)));
    ImageRecord two = stored(f.importOci(OciImage.of(new TarBuilder().file("x", "y")), "app"));
    assertThat(Files.readString(catalog()).lines()).hasSize(2);
    assertListed(one, two);
  }

  @Test
  void rowsOfTornOrStrangeTextAreIgnored() throws EngineException, IOException {
    ImageRecord one = stored(f.importAci(aci("example.com/a", "1")));
    ImageRecord two = stored(f.importAci(aci("example.com/a", "2")));
    String good = Files.readString(catalog());
    for (int cut = 0; cut < good.length(); cut += 13) {
      Files.writeString(catalog(), good.substring(0, cut));
      assertListed(one, two);
      Files.writeString(catalog(), good.substring(cut));
      assertListed(one, two);
      byte[] flipped = good.getBytes(StandardCharsets.UTF_8);
      flipped[cut] ^= 4;
      Files.write(catalog(), flipped);
      assertListed(one, two);
    }
    Files.write(catalog(), new byte[100_000]);
    assertListed(one, two);
    Files.delete(catalog());
    Files.createSymbolicLink(catalog(), Path.of("/etc/passwd"));
    assertListed(one, two);
  }

  /** Only root writes it, so what somebody else put there is not read by root. */
  @Test
  void aForgedCatalogIsIgnored() throws EngineException, IOException {
    ImageRecord one = stored(f.importAci(aci("example.com/a", "1")));
    Files.setAttribute(catalog(), "unix:uid", 12345);
    assertListed(one);
  }

  @Test
  void aUseChangesTheRow() throws EngineException, IOException {
    ImageRecord one = f.importAci(aci("example.com/a", "1"));
    Files.setLastModifiedTime(
        f.cas.resolve("image/" + one.id() + ".json"), FileTime.fromMillis(1000));
    assertThat(f.store.list().get(0).lastUsedNanos()).isEqualTo(1_000_000_000L);
    f.store.touch(one);
    assertListed(stored(one));
  }

  @Test
  void uselessRowsAreClearedAway() throws EngineException, IOException {
    for (int i = 0; i < 40; i++) {
      f.importAci(aci("example.com/a", "1"));
      f.importAci(aci("example.com/a", "2"));
    }
    assertThat(Files.readString(catalog()).lines()).hasSize(80);
    f.store.list();
    assertThat(Files.readString(catalog()).lines()).hasSize(2);
  }

  @Test
  void aStoreOfBeforeHasNoCopies() throws EngineException, IOException {
    ImageRecord one = stored(f.importAci(aci("example.com/a", "1")));
    Path names = f.cas.resolve("name");
    f.kernel.removeTree(rkt.os.Consts.AT_FDCWD, names.toString());
    Files.delete(catalog());
    Files.delete(f.cas.resolve("version"));
    ImageStore again = ImageStore.open(f.cas, f.kernel);
    assertThat(again.byName(new AcIdentifier("example.com/a"), Labels.EMPTY)).contains(one);
    ImageRecord two = stored(f.importAci(aci("example.com/b", "1")));
    assertListed(one, two);
    assertThat(names.resolve("example.com%2fa/" + one.id())).exists();
    assertThat(f.cas.resolve("version")).hasContent("1");
  }

  /** Killed between the marker and the record, or between the record's removal and the marker's. */
  @Test
  void markersWithoutARecordAreNoImages() throws EngineException, IOException {
    ImageRecord one = stored(f.importAci(aci("example.com/a", "1")));
    Path dir = f.cas.resolve("name/example.com%2fa");
    Files.createFile(dir.resolve("sha512-" + "a".repeat(64)));
    Files.createFile(dir.resolve("junk"));
    Files.createDirectory(f.cas.resolve("name/empty"));
    assertThat(f.store.allByName(new AcIdentifier("example.com/a"))).containsExactly(one);
    f.store.gc(StoreFixture.SWEEP);
    assertThat(dir.toFile().list()).containsExactly(one.id().value());
    assertThat(f.cas.resolve("name/empty")).doesNotExist();
    f.store.remove(one.id());
    assertThat(dir).doesNotExist();
    assertThat(f.files()).isEmpty();
  }

  /** One manifest under two repositories is one image; it has the name of the last. */
  @Test
  void anImageMayChangeItsName() throws EngineException {
    OciImage image = OciImage.of(new TarBuilder().file("x", "y"));
    f.importOci(image, "one");
    ImageRecord two = stored(f.importOci(image, "two"));
    assertThat(f.store.allByName(new AcIdentifier("one"))).isEmpty();
    assertThat(f.store.byName(new AcIdentifier("two"), Labels.EMPTY)).contains(two);
    assertThat(f.store.byRef("docker://host/one:latest")).contains(two);
    assertThat(f.store.byRef("docker://host/two:latest")).contains(two);
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.cas.resolve("name/one")).doesNotExist();
  }

  /** Without a version asked for the latest wins, then the newest. */
  @Test
  void twoImagesClaimOneName() throws EngineException {
    ImageRecord one =
        f.importAci(aci("example.com/a", "1"), ImportOptions.of("a").withLatest(true));
    ImageRecord two = f.importAci(aci("example.com/a", "2"));
    AcIdentifier name = new AcIdentifier("example.com/a");
    assertThat(f.store.byName(name, Labels.EMPTY).orElseThrow().id()).isEqualTo(one.id());
    Labels second = Labels.of(new Label("version", "2"));
    assertThat(f.store.byName(name, second).orElseThrow().id()).isEqualTo(two.id());
    assertThat(f.store.byName(name, Labels.of(new Label("version", "3")))).isEmpty();
  }

  @Test
  void aStoreOfALaterRktIsRefused() throws EngineException, IOException {
    f.importAci(aci("example.com/a", "1"));
    Files.writeString(f.cas.resolve("version"), "2\n");
    assertThatThrownBy(() -> ImageStore.open(f.cas, f.kernel))
        .hasMessageContaining(
            "current store version: 2 (greater than the current rkt expected version: 1)");
    Files.writeString(f.cas.resolve("version"), "x");
    assertThatThrownBy(() -> ImageStore.open(f.cas, f.kernel)).hasMessageContaining("number");
  }

  /** What the others have is in the catalog; that of a torn one is read from the records. */
  @Test
  void removingAnImageReadsNoOthers() throws EngineException, IOException {
    TarBuilder base = new TarBuilder().file("base", "b".repeat(5000));
    ImageRecord kept = f.importOci(OciImage.of(base), "kept");
    List<ImageRecord> gone = new ArrayList<>();
    for (String each : List.of("one", "two")) {
      gone.add(f.importOci(OciImage.of(base, new TarBuilder().file(each, each)), each));
    }
    ImageRecord aci = f.importAci(aci("example.com/a", "1"));
    assertThat(recordsRead(gone.get(0))).containsExactly(gone.get(0).id() + ".json");
    assertThat(recordsRead(aci)).containsExactly(aci.id() + ".json");
    Files.writeString(catalog(), "torn");
    assertThat(recordsRead(gone.get(1))).contains(kept.id() + ".json");
    assertThat(f.store.verify(kept).problems()).isEmpty();
    // Its manifest, configuration and layer: those of the others are gone.
    assertThat(f.files()).filteredOn(file -> file.startsWith("oci/")).hasSize(3);
  }

  /** The records that are opened while an image is removed. */
  private Set<String> recordsRead(ImageRecord image) throws EngineException {
    Set<String> read = new TreeSet<>();
    InvocationHandler observer =
        (proxy, method, arguments) -> {
          if (method.getName().equals("openat")) {
            String name = String.valueOf(arguments[1]);
            if (name.startsWith("sha") && name.endsWith(".json")) {
              read.add(name);
            }
          }
          try {
            return method.invoke(f.kernel, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    Class<?>[] kernel = {Kernel.class};
    ImageStore store =
        ImageStore.open(
            f.cas,
            (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), kernel, observer));
    assertThat(store.remove(image.id())).isInstanceOf(RemovalResult.Removed.class);
    return read;
  }

  @Test
  void usageTellsUniqueFromShared() throws EngineException {
    TarBuilder base = new TarBuilder().file("base", "b".repeat(5000));
    ImageRecord one = f.importOci(OciImage.of(base), "one");
    ImageRecord two = f.importOci(OciImage.of(base, new TarBuilder().file("t", "t")), "two");
    ImageRecord aci = f.importAci(aci("example.com/a", "1"));
    StoreUsage usage = f.store.usage(damaged -> {});
    long unique = 0;
    long shared = 0;
    for (ImageUsage image : usage.images()) {
      assertThat(image.size()).isEqualTo(f.store.sizeOf(image.image()));
      assertThat(image.uniqueBytes() + image.sharedBytes()).isEqualTo(image.size());
      unique += image.uniqueBytes();
      shared += image.sharedBytes();
    }
    assertThat(shared).isPositive();
    assertThat(usage.totalBytes()).isEqualTo(unique + shared / 2);
    f.store.rootfs(aci, false);
    f.store.remove(two.id());
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.store.usage(damaged -> {}).images())
        .extracting(ImageUsage::sharedBytes)
        .containsExactly(0L, 0L);
    assertThat(one.size()).isPositive();
  }
}
