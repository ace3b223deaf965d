package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** ACIs: building, fetching in every compression, listing, names and IDs, hostile archives. */
class AciTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void buildIsDeterministic() throws IOException {
    Path first = Images.script(rkt, "same", "true");
    byte[] bytes = Files.readAllBytes(first);
    Path second = Images.script(rkt, "same", "true");
    assertThat(Files.readAllBytes(second)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd"})
  void everyCompressionHasTheSameId(String tool) throws IOException {
    Path plain = Images.script(rkt, "app", "echo hi", "--compression=none");
    String id = rkt.insecure("fetch", "--full", plain.toString()).ok().out();
    Path packed = rkt.home().resolve("packed.aci");
    Rkt.exec("sh", "-c", tool + " -c '" + plain + "' > '" + packed + "'").ok();
    assertThat(rkt.insecure("fetch", "--full", packed.toString()).ok().out())
        .isEqualTo(id)
        .matches("sha512-[0-9a-f]{64}\n");
    assertThat(rkt.insecure("run", "--net=none", packed.toString()).ok().out()).isEqualTo("hi\n");
  }

  @Test
  void listShowsNamesSizesAndShortIds() {
    assertThat(rkt.run("image", "list", "--format=json").ok().out().strip()).isEqualTo("null");
    Path aci = Images.script(rkt, "app", "true");
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    assertThat(id).hasSize(39);
    String list = rkt.run("image", "list").ok().out();
    assertThat(list)
        .startsWith("ID")
        .contains("NAME")
        .contains("IMPORT TIME")
        .contains("example.com/app:1.0.0")
        .contains(id.substring(0, 19));
    assertThat(rkt.run("image", "list", "--no-legend", "--fields=id").ok().out().strip())
        .isEqualTo(id.substring(0, 19));
    assertThat(rkt.run("image", "list", "--fields=nope").exit()).isEqualTo(254);
    assertThat(rkt.run("image", "cat-manifest", "example.com/app").ok().out())
        .contains("\"acKind\": \"ImageManifest\"");
    assertThat(rkt.run("image", "cat-manifest", "sha512-").exited(254).err())
        .contains("image ID too short");
    assertThat(rkt.run("image", "cat-manifest", "sha512-ffffffffffff").exited(254).err())
        .contains("no image IDs found");
    assertThat(rkt.insecure("run", "--net=none", id).exit()).isZero();
    assertThat(rkt.insecure("run", "--net=none", "example.com/app:1.0.0").exit()).isZero();
    assertThat(rkt.run("image", "rm", "example.com/app").ok().err())
        .contains("1 image(s) successfully removed");
  }

  /** TestRenderOnFetch. */
  @Test
  void fetchUnpacksWhatTheFirstPodWillUse() throws IOException {
    rkt.insecure("fetch", Images.script(rkt, "app", "true").toString()).ok();
    try (var trees = Files.list(rkt.data().resolve("cas/tree"))) {
      assertThat(trees).hasSize(1).allMatch(tree -> Files.exists(tree.resolve("rendered")));
    }
  }

  @Test
  void oneImageNamedTwiceCountsOnce() {
    Path aci = Images.script(rkt, "app", "true");
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    assertThat(rkt.run("image", "rm", "example.com/app", id).err())
        .contains("1 image(s) successfully removed");
  }

  @Test
  void podsOutliveTheirImages() {
    Path aci = Images.script(rkt, "app", "true");
    rkt.insecure("run", "--net=none", aci.toString()).ok();
    rkt.run("image", "rm", "example.com/app").ok();
    assertThat(rkt.run("list").ok().out()).contains("example.com/app:1.0.0");
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(rkt.run("status", rkt.pods().getFirst()).ok().out()).contains("app-app=0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo not an archive > OUT",
        "head -c 2000 /dev/urandom > OUT",
        ": > OUT",
        "head -c 1500 GOOD > OUT",
        "gzip -c GOOD | head -c 3000 > OUT",
        "printf '\\037\\213\\010\\000garbage' > OUT",
        "xz -c GOOD | head -c 500 > OUT",
        "mkdir x && echo '{' > x/manifest && mkdir x/rootfs && tar -C x -cf OUT manifest rootfs",
        "mkdir x && echo '{\"acKind\":\"ImageManifest\",\"acKind\":\"ImageManifest\"}' > x/manifest && mkdir x/rootfs && tar -C x -cf OUT manifest rootfs",
        "mkdir x && mkdir x/rootfs && tar -C x -cf OUT rootfs",
        "mkdir -p x/rootfs && tar -xOf GOOD manifest > x/manifest && touch x/evil && tar -C x -cf OUT manifest rootfs evil",
        "mkdir -p x/rootfs && tar -xOf GOOD manifest > x/manifest && touch x/rootfs/f && tar -C x -cf OUT manifest rootfs rootfs/f",
        "mkdir -p x/rootfs && tar -xOf GOOD manifest > x/manifest && touch evil && tar -C x -P --transform 's,^evil,rootfs/../../../evil,' -cf OUT manifest rootfs ../evil",
        "mkdir -p x/rootfs && tar -xOf GOOD manifest > x/manifest && ln -s /tmp x/rootfs/l && tar -C x -cf a manifest rootfs && mkdir -p y/rootfs/l && echo x > y/rootfs/l/rkt-escape && tar -C y -cf b rootfs/l/rkt-escape && tar -Af a b && mv a OUT",
      })
  void hostileArchivesAreRefusedAndLeaveTheStoreClean(String recipe) throws IOException {
    Path good = Images.script(rkt, "good", "true", "--compression=none");
    Path work = Files.createDirectory(rkt.home().resolve("work"));
    Path out = rkt.home().resolve("hostile.aci");
    Rkt.exec(
            "sh",
            "-c",
            "cd '"
                + work
                + "' && "
                + recipe.replace("OUT", "'" + out + "'").replace("GOOD", "'" + good + "'"))
        .ok();
    Rkt.Result result = rkt.insecure("fetch", out.toString()).exited(254);
    assertThat(result.err())
        .contains("hostile.aci")
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
    assertThat(Path.of("/tmp/rkt-escape")).doesNotExist();
    assertThat(rkt.data().resolve("evil")).doesNotExist();
    assertThat(rkt.home().resolve("evil")).doesNotExist();
    rkt.insecure("fetch", good.toString()).ok();
  }

  @Test
  void missingFileIsNamed() {
    assertThat(rkt.insecure("fetch", "/nowhere/x.aci").exited(254).err())
        .contains("/nowhere/x.aci");
    assertThat(rkt.insecure("fetch").exited(254).err()).contains("must provide at least one image");
  }

  @Test
  void buildRefusesBadInput() {
    String out = rkt.home().resolve("o.aci").toString();
    assertThat(rkt.run("image", "build", "/nowhere", out, "--name=a").exited(254).err())
        .contains("/nowhere");
    assertThat(rkt.run("image", "build", "/bin", out).exited(254).err()).contains("name");
    assertThat(rkt.run("image", "build", "/bin", out, "--name=UPPER!").exited(254).err())
        .contains("UPPER!");
    assertThat(Path.of(out)).doesNotExist();
    assertThat(rkt.run("image", "build").exit()).isEqualTo(254);
  }

  @Test
  void buildTakesATarAndEveryField() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("r"));
    Path tar = rkt.home().resolve("r.tar");
    Rkt.exec("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".").ok();
    Path aci =
        Images.aciOf(
            rkt,
            tar,
            "full",
            List.of("/bin/echo", "x"),
            "--env=A=b",
            "--user=1000",
            "--group=100",
            "--annotation=homepage=https://example.com",
            "--port=http:tcp:80",
            "--mount=data:/data:ro",
            "--working-dir=/tmp");
    rkt.insecure("fetch", aci.toString()).ok();
    String manifest = rkt.run("image", "cat-manifest", "example.com/full").ok().out();
    assertThat(manifest)
        .contains("\"A\"")
        .contains("\"1000\"")
        .contains("homepage")
        .contains("\"http\"")
        .contains("/data")
        .contains("/tmp");
  }
}
