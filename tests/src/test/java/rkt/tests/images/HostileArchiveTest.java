package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/**
 * ACIs whose content is extreme: devices, long and deep paths, manifests nested without end. The
 * unpacker's own tests go further (module store).
 */
class HostileArchiveTest {
  private Rkt rkt;
  private Path dir;
  private Path aci;

  @BeforeEach
  void setUp() throws IOException {
    rkt = new Rkt();
    dir = Files.createDirectory(rkt.home().resolve("image"));
    aci = rkt.home().resolve("hostile.aci");
    Path good = Images.script(rkt, "good", "true", "--compression=none");
    Rkt.exec("tar", "-C", dir.toString(), "-xf", good.toString()).ok();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private void pack(String options) {
    Rkt.exec(
            "sh", "-c", "cd '" + dir + "' && tar " + options + " -cf '" + aci + "' manifest rootfs")
        .ok();
  }

  private void refused(String said) {
    Rkt.Result result = rkt.insecure("fetch", aci.toString());
    if (result.exit() == 0) {
      // The archive is well-formed; what is wrong with it shows when it is unpacked.
      result = rkt.insecure("run", "--net=none", aci.toString());
    }
    assertThat(result.exited(254).err())
        .contains(said)
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
    assertThat(rkt.pods()).isEmpty();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(rkt.data().resolve("cas/tmp")).isEmptyDirectory();
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void theArchiveThatTheOthersSpoilIsGood() {
    pack("");
    rkt.insecure("run", "--net=none", aci.toString()).ok();
  }

  /** A node of the host's disk may lie in an image; no app can open it. */
  @Test
  void devicesCannotBeOpened() throws IOException {
    Rkt.exec("mknod", dir.resolve("rootfs/disk").toString(), "b", "254", "0").ok();
    Rkt.exec("mknod", dir.resolve("rootfs/mem").toString(), "c", "1", "1").ok();
    pack("");
    Rkt.Result result =
        rkt.insecure(
            "run",
            "--net=none",
            aci.toString(),
            "--exec=/bin/sh",
            "--",
            "-c",
            "head -c 1 /disk; head -c 1 /mem; echo over");
    assertThat(result.out()).isIn("over\n", "");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--exec=/bin/cat", "--", "/disk")
                .exit())
        .isNotZero();
  }

  @Test
  void longPathsWorkAndDeepOnesAreRefused() throws IOException {
    String deep = "d/".repeat(240);
    String name = "n".repeat(255);
    Rkt.exec("mkdir", "-p", dir.resolve("rootfs").resolve(deep).toString()).ok();
    Files.writeString(dir.resolve("rootfs").resolve(deep).resolve(name), "deep");
    pack("--format=pax");
    assertThat(
            rkt.insecure(
                    "run", "--net=none", aci.toString(), "--exec=/bin/cat", "--", "/" + deep + name)
                .ok()
                .out())
        .isEqualTo("deep");
    rkt.run("gc", "--grace-period=0s").ok();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(rkt.data().resolve("cas/tree")).isEmptyDirectory();
    Rkt.exec("mkdir", "-p", dir.resolve("rootfs").resolve("d/".repeat(400)).toString()).ok();
    pack("--format=pax");
    refused("directories deep");
  }

  @Test
  void aPathBeyondTheLimitIsRefused() throws IOException {
    Files.writeString(dir.resolve("rootfs/x"), "");
    pack("--format=pax --transform='s,rootfs/x," + "rootfs/" + "p/".repeat(2500) + "x,'");
    refused("hostile.aci");
  }

  @Test
  void aNameTooLongForAnyFileSystemIsRefused() throws IOException {
    Files.writeString(dir.resolve("rootfs/x"), "");
    pack("--format=pax --transform='s,rootfs/x," + "rootfs/" + "n".repeat(300) + ",'");
    refused("n".repeat(100));
  }

  @Test
  void megabytesOfNestingAreRefused() throws IOException {
    Files.writeString(dir.resolve("manifest"), "{\"acKind\":" + "[".repeat(3 << 20));
    pack("");
    refused("nested deeper than");
    Files.writeString(
        dir.resolve("manifest"), "{\"acKind\":\"ImageManifest\",\"acKind\":\"ImageManifest\"}");
    pack("");
    refused("acKind");
    Files.writeString(dir.resolve("manifest"), "{\"acKind\":\"ImageManifest\",\"acVersion\":7}");
    pack("");
    refused("line 1, column");
  }
}
