package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Layout;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;

/** What rkt pushes, other tools and rkt itself can pull. */
class RegistryPushTest {
  private Rkt rkt;
  private Registry registry;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    registry = Registry.start(rkt);
  }

  @AfterEach
  void tearDown() {
    registry.close();
    rkt.close();
  }

  private String ref(String name) {
    return "docker://" + registry.host() + "/" + name;
  }

  @Test
  void anImageKeepsItsDigest() {
    registry.push(Layout.make(rkt, 3_000_000).source(), "src/app:1");
    String id = rkt.insecure("fetch", "--full", ref("src/app:1")).ok().out().trim();
    for (String name : new String[] {"copy/app:1", "copy/app:1", "deep/er/app"}) {
      assertThat(rkt.insecure("image", "push", id, ref(name)).ok().out().trim())
          .isEqualTo(id.replace('-', ':'));
    }
    Path copied = rkt.home().resolve("copied");
    Rkt.exec(
            "skopeo",
            "copy",
            "--quiet",
            "--insecure-policy",
            "--src-tls-verify=false",
            ref("copy/app:1"),
            "dir:" + copied)
        .ok();
    assertThat(Rkt.exec("sha256sum", copied.resolve("manifest.json").toString()).ok().out())
        .startsWith(id.substring("sha256-".length()));
    rkt.run("image", "rm", id).ok();
    assertThat(rkt.insecure("run", "--net=none", ref("deep/er/app")).ok().out())
        .isEqualTo("hello\n");
  }

  @Test
  void exportedImagesBearTheNameTheyWereFetchedBy() throws IOException {
    registry.push(Layout.make(rkt).source(), "src/app:1");
    rkt.insecure("fetch", ref("src/app:1")).ok();
    Path out = rkt.home().resolve("out");
    rkt.run("image", "export", "--type=oci", ref("src/app:1"), out.toString()).ok();
    assertThat(out.resolve("index.json"))
        .content()
        .contains("\"" + registry.host() + "/src/app:1\"");
  }

  @Test
  void anAciBecomesAnOciImage() {
    Path aci = Images.aci(rkt, "app", List.of("/bin/sh", "-c", "echo from an aci"));
    String id = rkt.insecure("fetch", "--full", aci.toString()).ok().out().trim();
    String digest = rkt.insecure("image", "push", id, ref("from/aci:1")).ok().out().trim();
    // The same ACI gives the same image.
    assertThat(rkt.insecure("image", "push", id, ref("from/aci:2")).ok().out().trim())
        .isEqualTo(digest);
    assertThat(rkt.insecure("run", "--net=none", ref("from/aci@" + digest)).ok().out())
        .isEqualTo("from an aci\n");
  }

  @Test
  void mistakesAreNamed() {
    Path aci = Images.aci(rkt, "app", List.of("/bin/sh"));
    String id = rkt.insecure("fetch", "--full", aci.toString()).ok().out().trim();
    assertThat(rkt.run("image", "push", id).exited(254).err()).contains("the place to push it to");
    assertThat(rkt.run("image", "push", id, "docker://UPPER/case").exited(254).err())
        .contains("invalid docker URL");
    for (String nowhere : new String[] {"oci:layout", "example.com/app", "app"}) {
      // None of them may become a repository of a registry that nobody named.
      assertThat(rkt.run("image", "push", id, nowhere).exited(254).err())
          .contains("push to docker://HOST[:PORT]/NAME[:TAG], not to \"" + nowhere + "\"");
    }
    assertThat(rkt.run("image", "push", "sha512-0000", ref("x")).exited(254).err())
        .contains("no image IDs found");
    assertThat(rkt.run("image", "push", id, ref("x")).exited(254).err())
        .contains("--insecure-options=http");
    assertThat(
            rkt.insecure("image", "push", id, ref("x@sha256:" + "0".repeat(64))).exited(254).err())
        .contains("the image's digest is");
  }

  @Test
  void imagesOfOtherPlatformsCanBeFetchedAndPushed() {
    registry.push(Layout.make(rkt).source(), "here/app:1");
    assertThat(rkt.insecure("fetch", "--platform=linux/s390x", ref("here/app:1")).exited(254).err())
        .contains("does not exist for linux/s390x");
    assertThat(rkt.insecure("fetch", "--platform=a/b/c/d", ref("here/app:1")).exited(254).err())
        .contains("expected OS/ARCHITECTURE[/VARIANT]");
    rkt.insecure("fetch", "--platform=linux/amd64", ref("here/app:1"));
  }
}
