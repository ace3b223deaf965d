package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** {@code image export}, {@code extract} and {@code render}; other tools read what is exported. */
class ExportTest {
  private static final String NAME = "example.com/app:1.0.0";

  private Rkt rkt;
  private String id;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    Path aci =
        Images.script(
            rkt,
            "app",
            "echo hello from $WHERE",
            "--env=WHERE=here",
            "--label=os=linux",
            "--label=arch=amd64");
    id = rkt.insecure("fetch", "--full", aci.toString()).ok().out().strip();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String out(String name) {
    return rkt.home().resolve(name).toString();
  }

  private Rkt.Result skopeo(String... args) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
    String[] all = new String[args.length + 2];
    all[0] = "skopeo";
    all[1] = "--insecure-policy";
    System.arraycopy(args, 0, all, 2, args.length);
    return Rkt.exec(all).ok();
  }

  /** TestImageExport. */
  @Test
  void anExportedAciHasItsId() {
    rkt.run("image", "export", NAME, out("out.aci")).ok();
    assertThat(Rkt.exec("sha512sum", out("out.aci")).ok().out())
        .startsWith(id.substring("sha512-".length()));
    assertThat(Rkt.exec("stat", "-c", "%a", out("out.aci")).ok().out()).isEqualTo("644\n");
    assertThat(rkt.run("image", "export", NAME, out("out.aci")).exited(254).err())
        .contains("output ACI file exists (try --overwrite)");
    rkt.run("image", "export", "--overwrite", NAME, out("out.aci")).ok();
    assertThat(rkt.run("image", "export", "example.com/unknown", out("u.aci")).exited(254).err())
        .contains("cannot find aci satisfying name");
    assertThat(rkt.insecure("fetch", "--full", out("out.aci")).ok().out().strip()).isEqualTo(id);
  }

  /** Who comes from elsewhere may mean standard output, and would look for the file in vain. */
  @Test
  void aDashIsNoFile() {
    assertThat(rkt.run("image", "export", NAME, "-").exited(254).err())
        .contains("cannot export to standard output");
  }

  /** TestShortHash. */
  @Test
  void shortIdsAreUnderstood() {
    String brief = id.substring(0, "sha512-".length() + 12);
    rkt.run("image", "export", brief, out("out.aci")).ok();
    rkt.run("image", "extract", brief, out("extracted")).ok();
    rkt.run("image", "render", brief, out("rendered")).ok();
    for (String command : List.of("export", "extract", "render")) {
      assertThat(rkt.run("image", command, "sha512-" + "0".repeat(12), out("x")).exited(254).err())
          .contains("no image IDs found");
      assertThat(rkt.run("image", command, "sha512-0", out("x")).exited(254).err())
          .contains("image ID too short");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci", "oci-archive", "docker-archive"})
  void otherToolsReadWhatIsExported(String type) throws IOException {
    rkt.run("image", "export", "--type=" + type, NAME, out("out")).ok();
    String config = skopeo("inspect", "--config", type + ":" + out("out")).out();
    assertThat(config).contains("echo hello from $WHERE", "WHERE=here");
    Path copied = rkt.home().resolve("copied");
    skopeo("copy", type + ":" + out("out"), "oci:" + copied + ":x");
    String again = rkt.insecure("fetch", "oci:" + copied + ":x").ok().out().strip();
    assertThat(rkt.insecure("run", "--net=none", again).ok().out()).isEqualTo("hello from here\n");
    String own = rkt.insecure("fetch", type + ":" + out("out")).ok().out().strip();
    assertThat(rkt.insecure("run", "--net=none", own).ok().out()).isEqualTo("hello from here\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci-archive", "docker-archive"})
  void podmanLoadsArchives(String type) throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/podman")), "podman is not installed");
    rkt.run("image", "export", "--type=" + type, NAME, out("out")).ok();
    // Podman takes no longer path than 50 characters for its run-time directory.
    String home = Files.createTempDirectory("rkt").toString();
    try {
      Rkt.Result loaded =
          Rkt.exec(
              "podman",
              "--root",
              home + "/root",
              "--runroot",
              home + "/run",
              "--storage-driver=vfs",
              "--events-backend=none",
              "load",
              "-i",
              out("out"));
      assertThat(loaded.ok().all()).contains("Loaded image", NAME);
    } finally {
      Rkt.exec("rm", "-rf", "--one-file-system", home);
    }
  }

  @Test
  void ociImagesKeepTheirIdAndRunAsAcis() {
    rkt.run("image", "export", "--type=oci", NAME, out("first")).ok();
    String oci = rkt.insecure("fetch", "--full", "oci:" + out("first")).ok().out().strip();
    rkt.run("image", "export", "--type=oci-archive", oci, out("second")).ok();
    assertThat(rkt.insecure("fetch", "--full", "oci-archive:" + out("second")).ok().out().strip())
        .isEqualTo(oci);
    rkt.run("image", "export", oci, out("back.aci")).ok();
    rkt.run("image", "export", oci, out("again.aci")).ok();
    Rkt.exec("cmp", out("back.aci"), out("again.aci")).ok();
    assertThat(rkt.insecure("run", "--net=none", out("back.aci")).ok().out())
        .isEqualTo("hello from here\n");
  }

  @Test
  void damageIsNotConverted() throws IOException {
    try (var trees = Files.list(rkt.data().resolve("cas/tree"))) {
      Path tree = trees.findFirst().orElseThrow();
      Files.delete(tree.resolve("rootfs/etc/passwd"));
    }
    assertThat(rkt.run("image", "export", "--type=oci", NAME, out("damaged")).exited(254).err())
        .contains("wrong tree hash")
        .contains("rkt image verify --repair");
    assertThat(Path.of(out("damaged"))).doesNotExist();
    // The archive itself is not.
    rkt.run("image", "export", NAME, out("whole.aci")).ok();
  }

  /** TestImageExtract. */
  @Test
  void extractGivesThisImage() throws IOException {
    rkt.run("image", "extract", "--rootfs-only", NAME, out("rootfs")).ok();
    assertThat(Files.mismatch(Path.of(out("rootfs/bin/busybox")), Path.of("/bin/busybox")))
        .isEqualTo(-1);
    rkt.run("image", "extract", NAME, out("whole")).ok();
    assertThat(Path.of(out("whole/rootfs/dir1/file"))).hasContent("dir1");
    assertThat(Path.of(out("whole/manifest"))).content().contains("example.com/app");
    assertThat(rkt.run("image", "extract", NAME, out("whole")).exited(254).err())
        .contains("output directory exists (try --overwrite)");
    rkt.run("image", "extract", "--overwrite", NAME, out("whole")).ok();
    assertThat(rkt.run("image", "extract", "--overwrite", NAME, "/").exited(254).err())
        .contains("this would delete your root filesystem. Refusing.");
    assertThat(rkt.run("image", "extract", "example.com/unknown", out("u")).exited(254).err())
        .contains("cannot find aci satisfying name");
  }

  /** TestImageRender: the file of the dependency is there, in extract's output it is not. */
  @Test
  void renderMergesDependencies() throws IOException {
    Path only = Files.createDirectories(rkt.home().resolve("only"));
    Files.writeString(only.resolve("upper"), "upper");
    Path upper = Images.aciOf(rkt, only, "upper", List.of(), "--dependency=example.com/app:1.0.0");
    rkt.insecure("fetch", "--pull-policy=new", upper.toString()).ok();
    rkt.run("image", "render", "example.com/upper", out("rendered")).ok();
    assertThat(Path.of(out("rendered/rootfs/dir1/file"))).hasContent("dir1");
    assertThat(Path.of(out("rendered/rootfs/upper"))).hasContent("upper");
    assertThat(Rkt.exec("stat", "-c", "%a", out("rendered/manifest")).ok().out())
        .isEqualTo("700\n");
    rkt.run("image", "extract", "example.com/upper", out("extracted")).ok();
    assertThat(Path.of(out("extracted/rootfs/dir1"))).doesNotExist();
    assertThat(rkt.run("image", "render", "example.com/upper", out("rendered")).exited(254).err())
        .contains("output directory exists (try --overwrite)");
    assertThat(rkt.run("image", "render", "example.com/unknown", out("u")).exited(254).err())
        .contains("cannot find aci satisfying name");
    // The converted image has the dependency in it.
    rkt.run("image", "export", "--type=oci", "example.com/upper", out("oci")).ok();
    String oci = rkt.insecure("fetch", "oci:" + out("oci")).ok().out().strip();
    assertThat(
            rkt.insecure("run", "--net=none", oci, "--exec=/bin/cat", "--", "/dir1/file")
                .ok()
                .out())
        .isEqualTo("dir1");
  }
}
