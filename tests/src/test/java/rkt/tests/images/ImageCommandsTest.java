package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Looking at images, naming them, repairing them, and asking gc what it would do. */
class ImageCommandsTest {
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

  private List<String> names(String... filters) {
    String[] args = new String[filters.length + 5];
    System.arraycopy(
        new String[] {"image", "list", "--no-legend", "--fields=name", "--sort=name"},
        0,
        args,
        0,
        5);
    for (int i = 0; i < filters.length; i++) {
      args[i + 5] = "--filter=" + filters[i];
    }
    return rkt.run(args).ok().out().lines().toList();
  }

  /** The ancestor's listings show what they can, then what they could not read. */
  @Test
  void oneDamagedRecordHidesNoOtherImage() throws IOException {
    fetch("good");
    String bad = fetch("bad");
    Files.writeString(rkt.data().resolve("cas/image/" + bad + ".json"), "{\"id\": 7}");
    Rkt.Result listing = rkt.run("image", "list", "--fields=name,size").ok();
    assertThat(listing.out()).contains("example.com/good:1.0.0").doesNotContain("/bad");
    assertThat(listing.err())
        .contains("1 error(s) encountered when listing images:")
        .contains("damaged image record")
        .contains(bad);
    assertThat(rkt.run("image", "list", "--fields=name,unique").ok().out()).contains("/good");
    assertThat(rkt.run("image", "inspect", "example.com/good").ok().out()).contains("/good");
  }

  @Test
  void listsAreFiltered() {
    fetch("b");
    String middle = fetch("c");
    fetch("a");
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      rkt.insecure("fetch", registry.image("honest")).ok();
    }
    String a = "example.com/a:1.0.0";
    String b = "example.com/b:1.0.0";
    String c = "example.com/c:1.0.0";
    assertThat(names("type=aci")).containsExactly(a, b, c);
    assertThat(names("type=oci")).hasSize(1);
    assertThat(names("name=" + a)).containsExactly(a);
    assertThat(names("name=example.com/a")).containsExactly(a);
    assertThat(names("name=*/b*")).containsExactly(b);
    assertThat(names("label.version=1.*", "type=aci", "name=*c*", "name=*a:*")).containsExactly(a);
    assertThat(names("label.nowhere=*")).isEmpty();
    assertThat(names("before=" + middle)).containsExactly(b);
    assertThat(names("since=" + middle, "type=aci")).containsExactly(a);
    assertThat(names("verdict=unchecked")).hasSize(4);
    assertThat(names("verdict=pgp")).isEmpty();
    assertThat(names("ref=docker://127.0.0.1*honest*")).hasSize(1);
    for (String wrong : List.of("name", "=x", "size=3", "type=tar", "since=example.com/none")) {
      rkt.run("image", "list", "--filter=" + wrong).exited(254);
    }
  }

  @Test
  void sharesAreTold() {
    fetch("app");
    Rkt.Result result =
        rkt.run("image", "list", "--full", "--fields=name,type,size,unique,shared,verdict,latest");
    String[] row = result.ok().out().lines().toList().getLast().split("\t+");
    assertThat(row[0]).isEqualTo(NAME);
    assertThat(row[1]).isEqualTo("aci");
    assertThat(Long.parseLong(row[2])).isEqualTo(Long.parseLong(row[3]));
    assertThat(row[4]).isEqualTo("0");
    assertThat(row[5]).isEqualTo("unchecked");
    assertThat(result.err()).contains("list: 1 image(s) take ");
    assertThat(rkt.run("image", "list", "--format=json").ok().out())
        .matches(
            "(?s)\\[\\{\"id\":\"[^\"]*\",\"name\":\"[^\"]*\",\"import_time\":[0-9]+,\"last_used_time\":[0-9]+,\"size\":[0-9]+}]\\s*");
    assertThat(
            rkt.run("image", "list", "--format=json", "--fields=id,unique,verdict,refs").ok().out())
        .contains("\"unique\":")
        .contains("\"kind\":\"unchecked\"")
        .contains("\"refs\":[");
    rkt.run("image", "list", "--fields=id,colour").exited(254);
  }

  @Test
  void inspectTellsWhereAnImageCameFrom() {
    String id = fetch("app");
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String image = registry.image("honest");
      String oci = rkt.insecure("fetch", "--full", image).ok().out().strip();
      rkt.insecure("fetch", registry.image("honest") + "-again").ok();
      String text = rkt.run("image", "inspect", NAME, image).ok().out();
      assertThat(text)
          .contains(id)
          .contains(NAME)
          .contains(oci)
          .containsPattern("Digest:\\s+sha256:" + oci.substring(7))
          .containsPattern("References:\\s+" + image + ":latest")
          .containsPattern("Verdict:\\s+unchecked")
          .containsPattern("Runs:\\s+/bin/true")
          .containsPattern("sha256:[0-9a-f]{64}\\s+\\S+\\s+1 image\\(s\\)");
      assertThat(rkt.run("image", "inspect", "--format=json", image).ok().out())
          .startsWith("[{\"id\":\"" + oci + "\"")
          .contains("\"ref\":\"" + image + ":latest\"")
          .contains("\"shared_with\":1")
          .contains("\"config\":{");
      Rkt.Result partly = rkt.run("image", "inspect", "example.com/none", NAME).exited(254);
      assertThat(partly.out()).contains(id);
      assertThat(partly.err()).contains("example.com/none");
      assertThat(rkt.run("image", "inspect").exited(254).err()).contains("at least one image");
    }
  }

  @Test
  void tagsAreNamesThatRunFinds() {
    String id = fetch("app");
    String other = fetch("other");
    rkt.run("image", "tag", NAME, "mine:prod").ok();
    rkt.run("image", "tag", id.substring(0, 19), "docker://127.0.0.1:9/mine").ok();
    for (String name : List.of("mine:prod", "docker://127.0.0.1:9/mine", "127.0.0.1:9/mine")) {
      rkt.run("run", "--net=none", name).ok();
      assertThat(rkt.run("image", "inspect", name).ok().out()).contains(id);
    }
    assertThat(
            rkt.run("image", "list", "--no-legend", "--fields=refs", "--filter=ref=mine:*")
                .ok()
                .out())
        .contains("mine:prod")
        .doesNotContain("name:");
    String layout = rkt.home().resolve("layout").toString();
    rkt.run("image", "export", "--type=oci", id, layout).ok();
    rkt.insecure("fetch", "oci:" + layout).ok();
    rkt.run("image", "inspect", "oci:" + layout).ok();
    rkt.run("image", "rm", "oci:" + layout).ok();
    // A tag moves; and it goes before what an image calls itself.
    rkt.run("image", "tag", other, "mine:prod").ok();
    assertThat(rkt.run("image", "inspect", "mine:prod").ok().out()).contains(other);
    rkt.run("image", "tag", other, NAME).ok();
    assertThat(rkt.run("image", "inspect", NAME).ok().out()).contains(other);
    rkt.run("image", "untag", NAME).ok();
    assertThat(rkt.run("image", "inspect", NAME).ok().out()).contains(id);
    rkt.run("image", "untag", "mine:prod", "docker://127.0.0.1:9/mine").ok();
    assertThat(rkt.run("image", "untag", "mine:prod").exited(254).err())
        .contains("there is no reference \"mine:prod\"");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(2);
    rkt.run("image", "tag", "example.com/none", "mine").exited(254);
    for (String wrong :
        List.of(
            "sha512-" + "0".repeat(64), "./x.aci", "name,arch=amd64", "http://h/x.aci", "A B")) {
      rkt.run("image", "tag", id, wrong).exited(254);
    }
  }

  @Test
  void removingAnImageRemovesItsTags() {
    fetch("app");
    rkt.run("image", "tag", NAME, "mine").ok();
    assertThat(rkt.run("image", "rm", "mine").ok().err())
        .contains("1 image(s) successfully removed");
    rkt.run("image", "inspect", "mine").exited(254);
  }

  @Test
  void gcExplainsAndDryRunsRemoveNothing() {
    String id = fetch("app");
    String kept = rkt.run("image", "gc", "--dry-run", "--explain").ok().out();
    assertThat(kept).containsPattern("image\\s+" + id + "\\s+.*kept");
    Rkt.Result would = rkt.run("image", "gc", "--dry-run", "--grace-period=0s").ok();
    assertThat(would.out()).containsPattern("image\\s+" + id + "\\s+.*removed");
    assertThat(would.out())
        .doesNotContain("kept")
        .containsPattern("tree\\s+\\S+\\s+[1-9][0-9.]*MiB\\s");
    assertThat(would.err()).containsPattern("[1-9][0-9.]*[KM]iB would be freed");
    String json =
        rkt.run("image", "gc", "--dry-run", "--explain", "--format=json", "--grace-period=0s")
            .ok()
            .out();
    assertThat(json)
        .startsWith("{\"dry_run\":true,")
        .contains("{\"thing\":\"image\",\"what\":\"" + id + "\",\"kept\":false,\"why\":");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(1);
    Rkt.Result done = rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(done.out()).isEqualTo("successfully removed aci for image: \"" + id + "\"\n");
    String size = would.err().substring(0, would.err().indexOf(" would be freed"));
    assertThat(done.err()).contains(size + " freed");
  }

  /** TestImageVerify, with the flag that rebuilds. */
  @Test
  void aChangedTreeIsRebuilt() throws IOException {
    fetch("app");
    List<Path> trees;
    try (var list = Files.list(rkt.data().resolve("cas/tree"))) {
      trees = list.toList();
    }
    Files.delete(trees.getFirst().resolve("rootfs/dir1/file"));
    assertThat(rkt.run("image", "verify", NAME).exited(254).err())
        .contains("tree cache verification failed for image " + NAME + ": ")
        .doesNotContain("rebuilding");
    assertThat(rkt.run("image", "verify", "--repair", NAME).ok().err())
        .contains("tree cache verification failed for image " + NAME + ": ")
        .contains("rebuilding...");
    assertThat(rkt.run("image", "verify", NAME).ok().out())
        .contains("successfully verified checksum for image: \"" + NAME + "\"");
  }

  @Test
  void aDamagedBlobIsFetchedAgainAndNothingElse() throws IOException {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String image = registry.image("honest");
      rkt.insecure("fetch", image).ok();
      damageLargestBlob();
      assertThat(rkt.run("image", "verify", image).exited(254).err()).contains("has the digest");
      Rkt.Result repaired = rkt.insecure("image", "verify", "--repair", image).ok();
      assertThat(repaired.err()).contains(";  fetching...").contains("Downloading layer");
      assertThat(repaired.out()).contains("successfully repaired image: \"" + image + "\"");
      rkt.run("image", "verify", image).ok();
      rkt.run("run", "--net=none", image).ok();
    }
  }

  private void damageLargestBlob() throws IOException {
    Path largest = rkt.home();
    long size = 0;
    try (var walk = Files.walk(rkt.data().resolve("cas/oci"))) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) > size) {
          size = Files.size(file);
          largest = file;
        }
      }
    }
    byte[] bytes = Files.readAllBytes(largest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(largest, bytes);
  }

  @Test
  void allPlacesThatHaveNoRepairAreNamed() throws IOException {
    String image;
    String other = "docker://127.0.0.1:9/other:1";
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      image = registry.image("honest");
      rkt.insecure("fetch", image).ok();
      rkt.run("image", "tag", image, other).ok();
    }
    damageLargestBlob();
    assertThat(rkt.insecure("image", "verify", "--repair", image).exited(254).err())
        .contains("none of 2 places has it")
        .contains(image, other, "connection refused");
  }

  @Test
  void whatCannotBeFetchedAgainIsSaid() throws IOException {
    fetch("app");
    Path blob;
    try (var walk = Files.walk(rkt.data().resolve("cas/blob"))) {
      blob = walk.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    Files.write(blob, new byte[100]);
    assertThat(rkt.run("image", "verify", "--repair", NAME).exited(254).err())
        .contains("image hash does not match expected")
        .contains("the store does not know where the image came from");
  }
}
