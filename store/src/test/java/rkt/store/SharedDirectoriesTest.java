package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Consts;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** Members of group rkt could once add names to the store: root neither follows nor trusts them. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedDirectoriesTest {
  private static final int MEMBER = 65534;

  @TempDir Path temporary;
  private StoreFixture f;
  private Path victim;
  private OciImage image;

  @BeforeEach
  void open() throws EngineException, IOException {
    f = new StoreFixture(temporary);
    image = OciImage.of(new TarBuilder().file("a", "b"));
    f.importOci(image, "app");
    f.importAci(StoreFixture.aci("example.com/app", "").bytes());
    victim = Files.createDirectory(temporary.resolve("victim"));
    Files.createDirectory(victim.resolve("sub"));
    Files.writeString(victim.resolve("sub/file"), "dear");
    Files.writeString(victim.resolve("file"), "dear");
  }

  private void assertVictimIsWhole() {
    assertThat(victim.resolve("file")).hasContent("dear");
    assertThat(victim.resolve("sub/file")).hasContent("dear");
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci/zz",
        "oci/ab",
        "blob/sha512/zz",
        "blob/sha512/ab",
        "name/zz",
        "imageManifest/zz",
        "imageManifest/sha512/ab",
        "imageManifest/sha512/zz",
        "evidence/zz",
        "ref/zz.json",
        "image/.tmp-zz",
        ".tmp-zz",
        "leases/zz",
        "treestorelocks/zz",
        "imagelocks/zz"
      })
  void gcFollowsNoLink(String name) throws Exception {
    Path link = f.cas.resolve(name);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, victim);
    GcReport report = f.store.gc(StoreFixture.SWEEP);
    assertVictimIsWhole();
    // It is told of, or it was garbage like any file; and the rest went on.
    assertThat(report.failures().isEmpty()).isEqualTo(!Files.isSymbolicLink(link));
    assertThat(f.store.list()).hasSize(2);
    assertThat(f.store.verify(f.store.get(image.id()).orElseThrow()).problems()).isEmpty();
  }

  @Test
  void gcEntersNoDirectoryOfAMember() throws Exception {
    Path dir = Files.createDirectory(f.cas.resolve("oci/zz"));
    Files.writeString(dir.resolve("file"), "x");
    Path foreign = f.cas.resolve("blob/sha512/0f");
    if (!Files.exists(foreign)) {
      Files.createDirectory(foreign);
    }
    f.kernel.fchownat(Consts.AT_FDCWD, foreign.toString(), MEMBER, MEMBER, 0);
    GcReport report = f.store.gc(StoreFixture.SWEEP);
    assertThat(dir.resolve("file")).exists();
    assertThat(report.failures())
        .anyMatch(failure -> failure.contains("oci/zz"))
        .anyMatch(failure -> failure.contains("belongs to user " + MEMBER));
  }

  @Test
  void aFetchWritesThroughNoLink() throws Exception {
    OciImage next = OciImage.of(new TarBuilder().file("c", "d"));
    String hex = StoreFixture.digest(next.blobs().get(0)).hex();
    Files.createSymbolicLink(f.cas.resolve("oci").resolve(hex.substring(0, 2)), victim);
    assertThatThrownBy(() -> f.importOci(next, "next"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("is no directory");
    assertThat(victim.resolve(hex)).doesNotExist();
  }

  @Test
  void manifestsAndNamesAreWrittenThroughNoLink() throws Exception {
    Path name = f.cas.resolve("name").resolve(SafeName.of("example.com/new"));
    Files.createSymbolicLink(name, victim);
    byte[] aci = StoreFixture.aci("example.com/new", "").bytes();
    assertThatThrownBy(() -> f.importAci(aci)).isInstanceOf(EngineException.class);
    assertVictimIsWhole();
    try (Stream<Path> files = Files.list(victim)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void theNextWriterTakesTheRightToWriteBack() throws Exception {
    for (String dir : List.of("", "oci", "image", "ref", "name", "leases", "blob/sha512")) {
      Files.setAttribute(f.cas.resolve(dir), "unix:mode", 02770);
    }
    Path shelf = f.cas.resolve("oci").resolve(image.id().hex().substring(0, 2));
    Files.setAttribute(shelf, "unix:mode", 02770);
    Path record = f.cas.resolve("image/" + image.id().value() + ".json");
    Files.setAttribute(record, "unix:mode", 0660);
    f.store.gc(StoreFixture.SWEEP);
    for (String dir : List.of("", "oci", "image", "ref", "name", "leases", "blob/sha512")) {
      assertThat(mode(f.cas.resolve(dir))).as(dir).isEqualTo(02750);
    }
    assertThat(mode(shelf)).isEqualTo(02750);
    assertThat(mode(record)).isEqualTo(0640);
    assertThat(mode(f.cas.resolve("tmp"))).isEqualTo(0700);
  }

  @Test
  void nothingIsMadeForMembersToWrite() throws Exception {
    try (Stream<Path> all = Files.walk(f.cas)) {
      for (Path path : all.filter(path -> !path.startsWith(f.cas.resolve("layer"))).toList()) {
        assertThat(mode(path) & 022).as(path.toString()).isZero();
      }
    }
  }

  @Test
  void aFifoIsNoRecordAndHangsNobody() throws Exception {
    String other = "sha512-" + "0".repeat(64);
    fifo("image/" + other + ".json");
    fifo("ref/fifo.json");
    fifo("evidence/" + image.id().value());
    fifo("leases/fifo");
    assertThat(f.store.list()).hasSize(2);
    assertThat(f.store.references()).hasSize(1);
    assertThatThrownBy(() -> f.store.evidence(image.id())).hasMessageContaining("no plain file");
    GcReport report = f.store.gc(StoreFixture.SWEEP);
    assertThat(report.failures())
        .anyMatch(failure -> failure.contains("no plain file"))
        .filteredOn(failure -> failure.contains("rkt image rm " + other))
        .singleElement()
        .asString()
        .contains(other + ".json: it is no plain file")
        .doesNotContain("look at it");
    assertThat(f.cas.resolve("ref/fifo.json")).doesNotExist();
  }

  @Test
  void aFifoIsNoBlob() throws Exception {
    String hex = image.id().hex();
    Path blob = f.cas.resolve("oci").resolve(hex.substring(0, 2)).resolve(hex);
    Files.delete(blob);
    fifo(f.cas.relativize(blob).toString());
    ImageRecord record = f.store.get(image.id()).orElseThrow();
    assertThatThrownBy(() -> f.store.ociManifestBytes(record))
        .hasMessageContaining("no plain file");
    assertThat(f.store.verify(record).problems()).isNotEmpty();
    f.importOci(image, "app");
    assertThat(f.store.verify(record).problems()).isEmpty();
  }

  @Test
  void aFifoIsNoVersion() throws Exception {
    Files.deleteIfExists(f.cas.resolve("version"));
    fifo("version");
    assertThatThrownBy(() -> ImageStore.open(f.cas, f.kernel))
        .hasMessageContaining("no plain file");
  }

  @Test
  void aRecordOfAMemberIsNone() throws Exception {
    Path record = f.cas.resolve("image/" + image.id().value() + ".json");
    f.kernel.fchownat(Consts.AT_FDCWD, record.toString(), MEMBER, MEMBER, 0);
    assertThatThrownBy(() -> f.store.get(image.id())).hasMessageContaining("belongs to user");
  }

  private void fifo(String name) throws OsException {
    String path = f.cas.resolve(name).toString();
    f.kernel.mknodat(Consts.AT_FDCWD, path, Consts.S_IFIFO | 0660, 0, 0);
  }
}
