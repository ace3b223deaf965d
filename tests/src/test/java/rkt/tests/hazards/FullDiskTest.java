package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.AciServer;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/**
 * No space left: said so, nothing half-done stays, and cleaning still works. The disk is a small
 * tmpfs in a mount namespace of the test.
 */
class FullDiskTest {
  private Rkt rkt;
  private Path disk;

  @BeforeEach
  void setUp() throws IOException {
    rkt = new Rkt();
    disk = Files.createDirectory(rkt.home().resolve("disk"));
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  /** Runs a script on a disk of that size; {@code $RKT} uses a data directory on it. */
  private Rkt.Result on(String size, String script) {
    String rktOnDisk =
        rkt.command().getFirst() + " --insecure-options=image --dir=" + disk + "/rkt";
    return Rkt.exec(
        "unshare",
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs -o size="
            + size
            + " none '"
            + disk
            + "' && RKT='"
            + rktOnDisk
            + "' && cd '"
            + disk
            + "' && "
            + script);
  }

  private static void assertSaid(Rkt.Result result) {
    assertThat(result.err())
        .contains("No space left on device")
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
  }

  @Test
  void image() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("big"));
    Rkt.exec("dd", "if=/dev/urandom", "of=" + rootfs.resolve("blob"), "bs=1M", "count=12").ok();
    Path aci = Images.aciOf(rkt, rootfs, "big", List.of("/bin/true"));
    Rkt.Result result =
        on(
            "8m",
            "$RKT fetch '"
                + aci
                + "'; echo code=$?; ls -A rkt/cas/tmp | wc -l; $RKT image list --no-legend; echo list=$?");
    assertThat(result.out()).isEqualTo("code=254\n0\nlist=0\n");
    assertSaid(result);
  }

  /** What arrived until the disk was full is of use once there is room again, or is gone. */
  @Test
  void downloading() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("big"));
    Rkt.exec("dd", "if=/dev/urandom", "of=" + rootfs.resolve("blob"), "bs=1M", "count=12").ok();
    Path aci = Images.aciOf(rkt, rootfs, "big", List.of("/bin/true"), "--name=localhost/big");
    try (AciServer server = new AciServer(rkt.home())) {
      String url = server.put("big.aci", Files.readAllBytes(aci));
      Rkt.Result result =
          on(
              "8m",
              "RKT=\"$RKT --insecure-options=tls\"; $RKT fetch "
                  + url
                  + " > /dev/null; echo code=$?; $RKT image list --no-legend; ls -A rkt/cas/tmp | wc -l;"
                  + " mount -o remount,size=64m . && $RKT fetch "
                  + url
                  + " > /dev/null; echo again=$?; $RKT image verify localhost/big > /dev/null; echo verified=$?");
      assertThat(result.out()).isEqualTo("code=254\n0\nagain=0\nverified=0\n");
      assertSaid(result);
    }
  }

  @Test
  void building() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("big"));
    Rkt.exec("dd", "if=/dev/urandom", "of=" + rootfs.resolve("blob"), "bs=1M", "count=12").ok();
    Rkt.Result result =
        on(
            "4m",
            "$RKT image build '"
                + rootfs
                + "' big.aci --name=example.com/big; echo code=$?; ls -A");
    assertThat(result.out()).isEqualTo("code=254\n");
    assertSaid(result);
    assertThat(result.err()).contains("big.aci");
  }

  /** The blob of 2 MB fits, the tree does not. */
  @Test
  void unpacking() {
    Path aci = Images.script(rkt, "app", "true");
    Rkt.Result result =
        on(
            "3m",
            "$RKT run --net=none '"
                + aci
                + "'; echo code=$?; ls -A rkt/cas/tmp rkt/cas/tree rkt/pods/* | grep -v : | grep .; $RKT image gc --grace-period=0s; echo gc=$?");
    assertThat(result.out()).startsWith("code=254\n").endsWith("gc=0\n").doesNotContain("deps-");
    assertSaid(result);
  }

  /** Blob and tree fit, the copy for the pod does not; with the filler gone the next pod runs. */
  @Test
  void copying() {
    Path aci = Images.script(rkt, "app", "true");
    String run = "$RKT run --net=none --no-overlay example.com/app";
    String script =
        "$RKT fetch '%s' > filler && head -c $(($(df -k . | awk 'END { print $4 }') * 1024 - 400000)) /dev/zero > filler; %s; echo code=$?; ls -A rkt/pods/run rkt/pods/prepare | grep -v : | grep .; rm filler; %s; echo again=$?";
    Rkt.Result result = on("12m", script.formatted(aci, run, run));
    assertThat(result.out()).isEqualTo("code=254\nagain=0\n");
    assertSaid(result);
  }

  /** An app that fills the disk is its own problem: the log stops, the app and the pod do not. */
  @Test
  void logs() {
    Path aci = Images.script(rkt, "app", "yes | head -n 3000000; echo the end >&2; exit 3");
    Rkt.Result result =
        on(
            "8m",
            "$RKT run --net=none '"
                + aci
                + "' > /dev/null; echo code=$?; $RKT list --no-legend; $RKT gc --grace-period=0s; echo gc=$?");
    assertThat(result.out()).contains("code=3\n").contains("exited").contains("gc=0\n");
    assertThat(result.err()).contains("the end");
  }
}
