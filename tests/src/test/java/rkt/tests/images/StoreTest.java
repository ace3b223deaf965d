package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** What the store tells: manifests, listings, sizes, short IDs, checks. */
class StoreTest {
  private static final String NAME = "example.com/app:1.0.0";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String fetch(String name) {
    return rkt.insecure("fetch", "--full", Images.script(rkt, name, "true").toString())
        .ok()
        .out()
        .strip();
  }

  private long size() {
    return Long.parseLong(
        rkt.run("image", "list", "--full", "--no-legend", "--fields=size").ok().out().strip());
  }

  /** TestImageCatManifest. */
  @Test
  void manifestIsExact() throws IOException {
    String id = fetch("app");
    Path aci = rkt.home().resolve("app.aci");
    String inFile = Rkt.exec("tar", "-xOzf", aci.toString(), "manifest").ok().out().strip();
    assertThat(rkt.run("image", "cat-manifest", "--pretty-print=false", id).ok().out().strip())
        .isEqualTo(inFile);
    assertThat(rkt.run("image", "cat-manifest", "--pretty-print=false", NAME).ok().out().strip())
        .isEqualTo(inFile);
    assertThat(rkt.run("image", "cat-manifest", NAME).ok().out())
        .startsWith("{\n\t\"acKind\": \"ImageManifest\"");
    assertThat(rkt.run("image", "cat-manifest", "example.com/unknown").exited(254).err())
        .contains("cannot find aci satisfying name: \"example.com/unknown\"");
    assertThat(rkt.run("image", "cat-manifest", "sha512-" + "0".repeat(64)).exited(254).err())
        .contains("no image IDs found");
    assertThat(rkt.run("image", "cat-manifest").exit()).isEqualTo(254);
  }

  /**
   * TestImageList, and the parser of the ancestor's suite: runs of TABs between the columns of
   * --full.
   */
  @Test
  void listings() {
    String id = fetch("app");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out())
        .doesNotContain("IMPORT TIME")
        .startsWith("sha512-");
    assertThat(rkt.run("image", "list", "--full", "--no-legend", "--fields=id").ok().out().strip())
        .isEqualTo(id);
    assertThat(
            rkt.run("image", "list", "--fields=name,id")
                .ok()
                .out()
                .lines()
                .findFirst()
                .orElseThrow())
        .matches("NAME\\t+ID");
    String[] columns =
        rkt.run("image", "list", "--full", "--no-legend").ok().out().strip().split("\\t+");
    assertThat(columns).hasSize(5);
    assertThat(columns[0]).isEqualTo(id);
    assertThat(columns[1]).isEqualTo(NAME);
    assertThat(Long.parseLong(columns[2])).isPositive();
    assertThat(columns[3])
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d{1,3})? [+-]\\d{4} \\S+");
    assertThat(rkt.run("image", "list", "--format=json").ok().out()).startsWith("[{");
    assertThat(rkt.run("image", "list", "--format=json-pretty").ok().out())
        .contains("\"id\": \"" + id + "\"");
    assertThat(rkt.run("image", "list", "--format=yaml").exit()).isEqualTo(254);
  }

  @Test
  void listingsAreSortedAsAsked() {
    fetch("b");
    fetch("c");
    fetch("a");
    assertThat(rkt.run("image", "list", "--no-legend", "--fields=name").ok().out())
        .containsSubsequence("/b:", "/c:", "/a:");
    assertThat(rkt.run("image", "list", "--no-legend", "--fields=name", "--sort=name").ok().out())
        .containsSubsequence("/a:", "/b:", "/c:");
    assertThat(
            rkt.run("image", "list", "--no-legend", "--fields=name", "--sort=name", "--order=desc")
                .ok()
                .out())
        .containsSubsequence("/c:", "/b:", "/a:");
  }

  /** TestImageSize. */
  @Test
  void sizeIncludesTheRenderedTree() throws IOException {
    fetch("app");
    Path tar = rkt.home().resolve("app.tar");
    Rkt.exec("sh", "-c", "gzip -dc '" + rkt.home().resolve("app.aci") + "' > '" + tar + "'").ok();
    long aci = Files.size(tar);
    // A fetch unpacks what the first pod will use (TestRenderOnFetch).
    assertThat(size()).isGreaterThan(aci);
    rkt.insecure("run", "--net=none", NAME).ok();
    rkt.run("image", "gc").ok();
    assertThat(size()).isGreaterThan(aci);
    rkt.run("gc", "--grace-period=0s").ok();
    rkt.run("image", "gc").ok();
    assertThat(size()).isEqualTo(aci);
  }

  /** TestShortHash, for the commands of this version. */
  @Test
  void shortIdsAreUnderstoodEverywhere() {
    String id = fetch("app");
    String brief = id.substring(0, "sha512-".length() + 12);
    rkt.run("image", "cat-manifest", brief).ok();
    rkt.run("image", "verify", brief).ok();
    rkt.run("fetch", brief).ok();
    rkt.run("run", "--net=none", brief).ok();
    assertThat(rkt.run("run", "--net=none", "sha512-" + "0".repeat(12)).exited(254).err())
        .contains("no image IDs found");
    assertThat(rkt.run("run", "--net=none", "sha512-0").exited(254).err())
        .contains("image ID too short");
    assertThat(rkt.run("image", "rm", brief).ok().err())
        .contains("1 image(s) successfully removed");
  }

  /** TestShortHash: two images that begin alike; a record of the index is all the look-up reads. */
  @Test
  void ambiguousIdsAreRefused() throws IOException {
    String id = fetch("app");
    Path index = rkt.data().resolve("cas/image");
    String twin = id.substring(0, id.length() - 1) + (id.endsWith("0") ? "1" : "0");
    Files.writeString(
        index.resolve(twin + ".json"),
        Files.readString(index.resolve(id + ".json")).replace(id, twin));
    assertThat(rkt.run("image", "cat-manifest", id.substring(0, 9)).exited(254).err())
        .contains("ambiguous image ID");
    Files.delete(index.resolve(twin + ".json"));
  }

  /** TestImageVerify. */
  @Test
  void aChangedTreeIsNoticed() throws IOException {
    fetch("app");
    rkt.insecure("run", "--net=none", NAME).ok();
    assertThat(rkt.run("image", "verify", NAME).ok().out())
        .contains("successfully verified checksum for image: \"" + NAME + "\"");
    List<Path> trees;
    try (var list = Files.list(rkt.data().resolve("cas/tree"))) {
      trees = list.toList();
    }
    assertThat(trees).hasSize(1);
    Files.delete(trees.getFirst().resolve("rootfs/dir1/file"));
    assertThat(rkt.run("image", "verify", NAME).all())
        .contains("tree cache verification failed for image " + NAME);
  }

  @Test
  void aDamagedBlobIsNoticed() throws IOException {
    String id = fetch("app");
    rkt.run("image", "gc").ok();
    Path blob;
    try (var walk = Files.walk(rkt.data().resolve("cas/blob"))) {
      blob = walk.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob, bytes);
    assertThat(rkt.run("image", "verify", NAME).exited(254).err())
        .contains("image hash does not match expected")
        .contains(id);
    assertThat(rkt.run("run", "--net=none", NAME).exited(254).err())
        .contains("image hash does not match expected");
    assertThat(rkt.pods()).isEmpty();
    rkt.insecure("fetch", rkt.home().resolve("app.aci").toString()).ok();
    rkt.run("image", "verify", NAME).ok();
  }
}
