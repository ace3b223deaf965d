package rkt.stage1.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.OsException;

/** Nothing an image contains leads outside its root, blocks, or is read without bound. */
class RootfsTest {
  @TempDir Path temp;
  private HostileRoot root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = new HostileRoot(temp.resolve("root"));
    Files.writeString(temp.resolve("secret"), "the host's");
  }

  @Test
  void absoluteLinksAndDotsStayInside() throws IOException {
    root.file("etc/real", "inside");
    root.link("etc/passwd", "/etc/real");
    root.link("etc/group", "../../../../../../etc/real");
    root.link("up", "../../secret");
    root.link("abs", temp.resolve("secret").toString());
    try (Rootfs rootfs = root.open()) {
      assertThat(rootfs.read("/etc/passwd", 100)).hasValue("inside".getBytes());
      assertThat(rootfs.read("/etc/group", 100)).hasValue("inside".getBytes());
      assertThat(rootfs.read("/../secret", 100)).isEmpty();
      assertThat(rootfs.read("/up", 100)).isEmpty();
      assertThat(rootfs.read("/abs", 100)).isEmpty();
    }
  }

  @Test
  void loopsAndMagicLinksLeadNowhere() throws IOException {
    root.link("a", "b");
    root.link("b", "a");
    root.link("self", "/proc/self/root/etc/passwd");
    root.file("file", "");
    try (Rootfs rootfs = root.open()) {
      assertThat(rootfs.stat("/a")).isEmpty();
      assertThat(rootfs.stat("/self")).isEmpty();
      assertThat(rootfs.stat("/file/below")).isEmpty();
      assertThat(rootfs.stat("/" + "n".repeat(300))).isEmpty();
      assertThat(rootfs.hasEntry("/a")).isTrue();
      assertThat(rootfs.hasEntry("/c")).isFalse();
    }
  }

  @Test
  void aLandingIsToldAlsoWhereNothingIsYet() throws IOException {
    root.link("a", "/proc");
    root.link("b", "a/./self//");
    root.link("c", "../../../b/..");
    root.link("loop", "loop");
    root.file("file", "");
    try (Rootfs rootfs = root.open()) {
      assertThat(rootfs.landing("/a/sys")).isEqualTo("/proc/sys");
      assertThat(rootfs.landing("/b")).isEqualTo("/proc/self");
      assertThat(rootfs.landing("/c/x")).isEqualTo("/proc/x");
      assertThat(rootfs.landing("/../..")).isEqualTo("/");
      assertThat(rootfs.landing("/file/x/../y")).isEqualTo("/file/y");
      assertThatThrownBy(() -> rootfs.landing("/loop/x")).isInstanceOf(OsException.class);
    }
  }

  @Test
  void aFifoIsNotWaitedFor() throws IOException {
    root.fifo("etc/passwd");
    try (Rootfs rootfs = root.open()) {
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(10), () -> assertThat(rootfs.read("/etc/passwd", 100)).isEmpty());
      assertThat(rootfs.read("/etc", 100)).isEmpty();
    }
  }

  @Test
  void readingEndsAtTheLimit() throws IOException {
    root.file("big", "x".repeat(5000));
    try (Rootfs rootfs = root.open()) {
      assertThat(rootfs.read("/big", 100).orElseThrow()).hasSize(100);
    }
  }

  @Test
  void directoriesAreMadeInsideOnly() throws IOException {
    root.link("run", temp.resolve("elsewhere").toString());
    root.link("var", "../../outside");
    Files.createDirectories(temp.resolve("outside"));
    try (Rootfs rootfs = root.open()) {
      rootfs.makeDirectories("/a/b/c", 0755);
      rootfs.makeDirectories("/tmp", 01777);
      rootfs.makeDirectories("/run", 0755);
      rootfs.makeFile("/run/hostname");
      rootfs.makeFile("/etc/hostname");
      rootfs.makeLink("/etc/mtab", "../proc/self/mounts");
      rootfs.makeLink("/etc/mtab", "again");
      rootfs.makeLink("/var/x", "y");
    }
    assertThat(root.path.resolve("a/b/c")).isDirectory();
    assertThat(root.path.resolve("etc/hostname")).isEmptyFile();
    assertThat(Files.readSymbolicLink(root.path.resolve("etc/mtab")))
        .hasToString("../proc/self/mounts");
    assertThat((int) Files.getAttribute(root.path.resolve("tmp"), "unix:mode") & 07777)
        .isEqualTo(01777);
    assertThat(temp.resolve("elsewhere")).doesNotExist();
    assertThat(temp.resolve("outside")).isEmptyDirectory();
  }
}
