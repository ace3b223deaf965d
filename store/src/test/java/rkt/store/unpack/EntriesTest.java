package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Fd;
import rkt.os.Stat;

/** What becomes of each kind of entry, its attributes, repeats and replacements. */
class EntriesTest {
  @TempDir Path temporary;
  private UnpackFixture f;

  @BeforeEach
  void open() throws IOException {
    f = new UnpackFixture(temporary);
  }

  @Test
  void attributesOfFiles() throws IOException {
    f.unpack(
        new TarBuilder()
            .pax("mtime", "1234567890.123456789", "uid", "70000", "SCHILY.xattr.user.a", "v")
            .entry("su", '0')
            .mode(06755)
            .gid(5)
            .data("x")
            .add());
    Stat stat = f.stat("su");
    assertThat(stat.permissions()).isEqualTo(06755);
    assertThat(stat.uid()).isEqualTo(70000);
    assertThat(stat.gid()).isEqualTo(5);
    assertThat(stat.mtimeSec()).isEqualTo(1234567890);
    assertThat(stat.mtimeNsec()).isEqualTo(123456789);
    assertThat(f.kernel.lgetxattr(f.root.resolve("su").toString(), "user.a"))
        .isEqualTo("v".getBytes(StandardCharsets.UTF_8));
  }

  /** A binary attribute (version 2, effective, CAP_NET_RAW and one byte that is no UTF-8). */
  @Test
  void fileCapabilitiesAreBytes() throws IOException {
    byte[] caps = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, (byte) 0xc0, 0, 0, 0, 0, 0, 0, 0};
    String value = new String(caps, StandardCharsets.ISO_8859_1);
    f.unpack(new TarBuilder().pax("SCHILY.xattr.security.capability", value).file("ping", "x"));
    assertThat(f.kernel.lgetxattr(f.root.resolve("ping").toString(), "security.capability"))
        .isEqualTo(caps);
  }

  @Test
  void reservedAttributesAreRefused() {
    for (String name :
        new String[] {
          "trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.x", "user.overlay.opaque"
        }) {
      assertThatThrownBy(() -> f.unpack(new TarBuilder().pax("SCHILY.xattr." + name, "y").dir("d")))
          .hasMessageContaining("reserved attribute");
    }
  }

  @Test
  void attributesOfTheMachineAreLeftOut() throws IOException {
    f.unpack(
        new TarBuilder()
            .pax("SCHILY.xattr.security.selinux", "s", "SCHILY.xattr.system.posix_acl_access", "a")
            .file("a", "x"));
    assertThat(f.kernel.llistxattr(f.root.resolve("a").toString()))
        .doesNotContain("system.posix_acl_access");
  }

  @Test
  void directoryTimesSurviveTheirContent() throws IOException {
    f.unpack(new TarBuilder().entry("d", '5').mtime(1000).add().file("d/x", "x"));
    assertThat(f.stat("d").mtimeSec()).isEqualTo(1000);
  }

  @Test
  void devicesAndPipes() throws IOException {
    f.unpack(
        new TarBuilder()
            .entry("null", '3')
            .device(1, 3)
            .mode(0666)
            .add()
            .entry("sda", '4')
            .device(8, 0)
            .add()
            .entry("pipe", '6')
            .add());
    assertThat(f.stat("null").isCharDevice()).isTrue();
    assertThat(Stat.major(f.stat("null").rdev())).isEqualTo(1);
    assertThat(f.stat("null").permissions()).isEqualTo(0666);
    assertThat(f.stat("sda").isBlockDevice()).isTrue();
    assertThat(f.stat("pipe").isFifo()).isTrue();
  }

  @Test
  void deviceNumbersOutOfRange() {
    byte[] huge = {(byte) 0x80, 0, 0, 0x7f, -1, -1, -1, -1};
    assertThatThrownBy(() -> f.unpack(new TarBuilder().entry("d", '3').raw(329, 8, huge).add()))
        .hasMessageContaining("device number out of range");
  }

  @Test
  void hardLinksShareAnInode() throws IOException {
    f.unpack(new TarBuilder().file("a/x", "x").hardLink("b/y", "/a/x").hardLink("a/x", "b/y"));
    assertThat(f.stat("b/y").sameFile(f.stat("a/x"))).isTrue();
  }

  /** A later file must not change the other names of a hard link. */
  @Test
  void replacingOneNameKeepsTheOther() throws IOException {
    f.unpack(new TarBuilder().file("a", "old").hardLink("b", "a").file("b", "new"));
    assertThat(f.text("a")).isEqualTo("old");
    assertThat(f.text("b")).isEqualTo("new");
  }

  @Test
  void laterEntriesReplaceEarlierOnes() throws IOException {
    f.unpack(
        new TarBuilder()
            .dir("d")
            .file("d/deep/x", "x")
            .file("d", "now a file")
            .file("e", "file")
            .dir("e")
            .file("e/x", "x")
            .file("x", "1")
            .file("x", "2"));
    assertThat(f.text("d")).isEqualTo("now a file");
    assertThat(f.text("e/x")).isEqualTo("x");
    assertThat(f.text("x")).isEqualTo("2");
  }

  @Test
  void aFileIsNoParent() {
    assertThatThrownBy(() -> f.unpack(new TarBuilder().file("a", "x").file("a/b", "x")))
        .hasMessageContaining("no directory");
  }

  @Test
  void repeatsAreRefusedInAnAci() {
    UnpackOptions aci = new UnpackOptions(false, true, Selector.ALL, UnpackLimits.DEFAULT);
    assertThatThrownBy(
            () -> f.unpack(new TarBuilder().file("a", "1").file("./a", "2").bytes(), aci))
        .hasMessageContaining("duplicate entry");
  }

  @Test
  void implicitDirectoriesAreRecorded() throws IOException {
    UnpackResult result =
        f.unpack(new TarBuilder().file("a/b/c/x", "x").dir("a/b").dir("d").file("d/e", "e"));
    assertThat(result.implicitDirs()).containsExactlyInAnyOrder("", "a", "a/b/c");
    assertThat(f.stat("a/b/c").permissions()).isEqualTo(0755);
    assertThat(f.stat("a").mtimeSec()).isZero();
  }

  @Test
  void implicitDirectoriesBehindALinkAreRecordedWhereTheyAre() throws IOException {
    UnpackResult result =
        f.unpack(new TarBuilder().dir("usr/lib").symlink("lib", "usr/lib").file("lib/a/x", "x"));
    assertThat(result.implicitDirs()).containsExactlyInAnyOrder("", "usr", "usr/lib/a");
  }

  @Test
  void longAndOddNames() throws IOException {
    String deep = "directory-with-a-name/".repeat(30) + "file";
    String utf8 = "Főtanúsítvány \uD83D\uDE00";
    f.unpack(
        new TarBuilder()
            .gnuLongName(deep)
            .file("short", "1")
            .pax("path", "pax/" + "p".repeat(200))
            .file("short", "2")
            .file(utf8, "3")
            .entry("x", '0')
            .raw(0, 100, new byte[] {'l', (byte) 0xe9, '1'})
            .data("4")
            .add());
    assertThat(f.text(deep)).isEqualTo("1");
    assertThat(f.text("pax/" + "p".repeat(200))).isEqualTo("2");
    assertThat(rootNames()).contains("l\udce91").hasSize(4);
  }

  private List<String> rootNames() throws IOException {
    try (Fd root = Fd.directory(f.kernel, f.root.toString())) {
      return f.kernel.list(root.number());
    }
  }

  @Test
  void namesTooLongOrTooDeep() {
    assertThatThrownBy(() -> f.unpack(new TarBuilder().pax("path", "n".repeat(256)).file("x", "")))
        .hasMessageContaining("255");
    assertThatThrownBy(
            () -> f.unpack(new TarBuilder().pax("path", "abcdefghij/".repeat(400)).file("x", "")))
        .isInstanceOf(ArchiveException.class);
    assertThatThrownBy(
            () -> f.unpack(new TarBuilder().pax("path", "a/".repeat(300) + "x").file("x", "")))
        .hasMessageContaining("deep");
  }

  @Test
  void sparseFilesKeepTheirHoles() throws IOException {
    byte[] data = "A".repeat(512).getBytes(StandardCharsets.US_ASCII);
    f.unpack(
        new TarBuilder()
            .pax("GNU.sparse.size", "10000000", "GNU.sparse.map", "1000000,256,9000000,256")
            .entry("old", '0')
            .data(data)
            .add()
            .pax(
                "GNU.sparse.major", "1",
                "GNU.sparse.minor", "0",
                "GNU.sparse.name", "new",
                "GNU.sparse.realsize", "10000000")
            .entry("GNUSparseFile.0/new", '0')
            .data(sparse10("2\n1000000\n256\n9000000\n256\n", data))
            .add());
    for (String name : new String[] {"old", "new"}) {
      byte[] content = Files.readAllBytes(f.root.resolve(name));
      assertThat(content).hasSize(10_000_000);
      assertThat(content[999_999]).isZero();
      assertThat(content[1_000_000]).isEqualTo((byte) 'A');
      assertThat(content[9_000_255]).isEqualTo((byte) 'A');
      assertThat(content[9_000_256]).isZero();
    }
  }

  private static byte[] sparse10(String map, byte[] data) {
    byte[] bytes = new byte[512 + data.length];
    byte[] head = map.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(head, 0, bytes, 0, head.length);
    System.arraycopy(data, 0, bytes, 512, data.length);
    return bytes;
  }
}
