package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** Which image a dependency is, and which file of which image ends up in the tree. */
class DependencyRulesTest {
  @TempDir Path temporary;
  private StoreFixture f;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
  }

  private static String needs(String... dependencies) {
    return ",\"dependencies\":[" + String.join(",", dependencies) + "]";
  }

  private static String named(String name, String more) {
    return "{\"imageName\":\"example.com/" + name + "\"" + more + "}";
  }

  private static String label(String name, String value) {
    return ",\"labels\":[{\"name\":\"" + name + "\",\"value\":\"" + value + "\"}]";
  }

  private static String whitelist(String... paths) {
    return ",\"pathWhitelist\":[\"" + String.join("\",\"", paths) + "\"]";
  }

  private ImageRecord image(String name, String more, String... files) throws EngineException {
    TarBuilder tar = StoreFixture.aci("example.com/" + name, more);
    for (String file : files) {
      tar.file("rootfs/" + file, name);
    }
    return f.importAci(tar.bytes());
  }

  /** Paths and whose they are. */
  private String tree(ImageRecord top) throws EngineException, IOException {
    Path root = f.store.rootfs(top, false).lowerTopFirst().get(0);
    StringBuilder found = new StringBuilder();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.filter(Files::isRegularFile).sorted().toList()) {
        found.append(root.relativize(path)).append('=').append(Files.readString(path)).append(' ');
      }
    }
    return found.toString().strip();
  }

  /** A -> [B, C], C -> [D] is A, C, D, B: later ones and their dependencies win. */
  @Test
  void laterDependenciesWin() throws EngineException, IOException {
    image("d", "", "bcd", "cd", "d", "bd");
    image("c", needs(named("d", "")), "bcd", "cd", "bc");
    image("b", "", "bcd", "bc", "bd", "b", "ab");
    ImageRecord a = image("a", needs(named("b", ""), named("c", "")), "ab");
    assertThat(tree(a)).isEqualTo("ab=a b=b bc=c bcd=c bd=d cd=c d=d");
  }

  /** Only the labels of the dependency count: an image without os and arch is found. */
  @Test
  void aDependencyForEveryArchitecture() throws EngineException, IOException {
    image("data", "", "data");
    String host =
        ",\"labels\":[{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"amd64\"}]";
    ImageRecord top = image("app", host + needs(named("data", "")));
    assertThat(tree(top)).isEqualTo("data=data");
  }

  @Test
  void labelsOfADependencyMustMatch() throws EngineException, IOException {
    ImageRecord one = image("lib", label("version", "1"), "v1");
    image("lib", label("version", "2"), "v2");
    assertThat(tree(image("x", needs(named("lib", label("version", "1")))))).isEqualTo("v1=lib");
    ImageRecord missing = image("y", needs(named("lib", label("version", "3"))));
    assertThatThrownBy(() -> f.store.rootfs(missing, false))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("example.com/lib,version=3 is not in the store");
    assertThat(one.name()).hasToString(one.name().toString());
  }

  /** Without a version the one fetched as the latest is taken, else the newest. */
  @Test
  void withoutAVersionTheLatest() throws EngineException, IOException {
    byte[] latest =
        StoreFixture.aci("example.com/lib", label("version", "1")).file("rootfs/v1", "").bytes();
    f.importAci(latest, ImportOptions.of("lib").withLatest(true));
    image("lib", label("version", "2"), "v2");
    assertThat(tree(image("x", needs(named("lib", ""))))).isEqualTo("v1=");
    f.importAci(latest);
    image("lib", label("version", "3"), "v3");
    assertThat(tree(image("y", needs(named("lib", ""))))).isEqualTo("v3=lib");
  }

  @Test
  void anIdDecidesAlone() throws EngineException, IOException {
    ImageRecord one = image("lib", label("version", "1"), "v1");
    image("lib", label("version", "2"), "v2");
    String id = ",\"imageID\":\"" + one.id() + "\"";
    assertThat(tree(image("x", needs(named("lib", id))))).isEqualTo("v1=lib");
    ImageId absent = ImageId.sha512("f".repeat(64));
    ImageRecord missing = image("y", needs(named("lib", ",\"imageID\":\"" + absent + "\"")));
    assertThatThrownBy(() -> f.store.rootfs(missing, false))
        .hasMessageContaining(
            "its dependency example.com/lib (" + absent + ") is not in the store");
  }

  /** An OCI image may have the same appc name; it is no dependency, and hides none. */
  @Test
  void ociImagesAreNoDependencies() throws EngineException, IOException {
    image("lib", "", "aci");
    f.importOci(OciImage.of(new TarBuilder().file("oci", "x")), "example.com/lib");
    assertThat(tree(image("x", needs(named("lib", ""))))).isEqualTo("aci=lib");
  }

  @Test
  void whitelistsBoundAnImageAndWhatIsBelowIt() throws EngineException, IOException {
    image("c", "", "one", "two", "three");
    image("b", needs(named("c", "")) + whitelist("/two", "/three", "/b"), "b", "hidden");
    ImageRecord a = image("a", needs(named("b", "")) + whitelist("/b", "/two", "/a"), "a", "no");
    // b passes /b and /two to a; c is bound by b, the nearest above it with a whitelist.
    assertThat(tree(a)).isEqualTo("a=a b=b three=c two=c");
  }

  @Test
  void aFileAboveHidesADirectoryBelow() throws EngineException, IOException {
    image("b", "", "x/file", "y");
    ImageRecord a = image("a", needs(named("b", "")), "x", "y/file");
    assertThat(tree(a)).isEqualTo("x=a y/file=a");
  }

  /** Size is the archive's, plus the tree's while it is rendered. */
  @Test
  void sizeGrowsWithTheTree() throws EngineException {
    ImageRecord record = image("a", "", "file");
    assertThat(f.store.sizeOf(record)).isEqualTo(record.size());
    assertThat(f.store.summaries(damaged -> {}))
        .extracting(ImageSummary::size)
        .containsExactly(record.size());
    String tree = f.store.rootfs(record, false).treeStoreId();
    assertThat(f.store.sizeOf(record)).isEqualTo(record.size() + 1);
    assertThat(f.store.summaries(damaged -> {}).get(0).size()).isEqualTo(record.size() + 1);
    f.store.gc(new GcPolicy(false, 0, java.util.Set.of(), java.util.Set.of(tree)));
    assertThat(f.store.sizeOf(record)).isEqualTo(record.size() + 1);
    assertThat(f.store.gc(StoreFixture.SWEEP).removedTrees()).containsExactly(tree);
    assertThat(f.store.sizeOf(record)).isEqualTo(record.size());
  }
}
