package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries that try to get out of the root; each is refused or lands inside. */
class ClimbingArchivesTest {
  @TempDir Path temporary;
  private UnpackFixture f;

  @BeforeEach
  void open() throws IOException {
    f = new UnpackFixture(temporary);
  }

  @AfterEach
  void nothingHappenedOutside() throws IOException {
    if (f != null) {
      f.assertUntouched();
    }
  }

  private void refused(TarBuilder archive, String... words) {
    assertThatThrownBy(() -> f.unpack(archive))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContainingAll(words);
  }

  /** Zip-slip (2018); CVE-2007-4131 in GNU tar; CVE-2001-1267. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside/evil",
        "a/../../outside/evil",
        "a/..",
        "..",
        "./../outside/evil",
        "a/b/c/../../../../outside/evil",
        "/../outside/evil"
      })
  void dotDotIsRefused(String name) {
    refused(new TarBuilder().file(name, "x"), "..");
  }

  /** CVE-2014-9356 (Docker): absolute names; here they are names below the root, as in GNU tar. */
  @Test
  void absoluteNamesLandInside() throws IOException {
    Path evil = f.outside.resolve("evil");
    f.unpack(new TarBuilder().file(evil.toString(), "x"));
    assertThat(f.root.resolve(evil.toString().substring(1))).hasContent("x");
    assertThat(evil).doesNotExist();
  }

  /** CVE-2014-6407 (Docker): a symbolic link to outside, and a file through it. */
  @Test
  void absoluteSymlinkResolvesInside() throws IOException {
    refused(
        new TarBuilder().symlink("a", f.outside.toString()).file("a/evil", "x"), "no directory");
  }

  @Test
  void absoluteSymlinkToExistingDirectoryIsConfined() throws IOException {
    f.unpack(new TarBuilder().dir("etc").symlink("a", "/etc").file("a/passwd", "x"));
    assertThat(f.text("etc/passwd")).isEqualTo("x");
  }

  @Test
  void climbingSymlinkStopsAtTheRoot() throws IOException {
    f.unpack(new TarBuilder().symlink("a", "../../../..").file("a/evil", "x"));
    assertThat(f.text("evil")).isEqualTo("x");
  }

  @Test
  void chainOfSymlinksIsConfined() throws IOException {
    refused(
        new TarBuilder()
            .symlink("a", "b")
            .symlink("b", "c/..")
            .symlink("c", f.outside.getParent().toString())
            .file("a/outside/evil", "x"),
        "no directory");
  }

  @Test
  void symlinkLoopIsRefused() {
    refused(new TarBuilder().symlink("a", "b").symlink("b", "a").file("a/x", "x"), "\"a\"");
  }

  /** CVE-2018-1002200 class: a magic link of proc must not be followed; there is none inside. */
  @Test
  void magicLinksAreNotFollowed() {
    refused(
        new TarBuilder().symlink("a", "/proc/self/root").file("a/tmp/evil", "x"), "no directory");
  }

  /** CVE-2018-15664 (docker cp), CVE-2021-30465 (runc): a directory becomes a link in between. */
  @Test
  void directoryReplacedBySymlinkMidArchive() throws IOException {
    refused(
        new TarBuilder()
            .dir("d")
            .file("d/first", "1")
            .symlink("d", f.outside.toString())
            .file("d/evil", "x"),
        "no directory");
  }

  @Test
  void parentReplacedBySymlinkMidArchiveDoesNotUseTheOldDirectory() throws IOException {
    f.unpack(
        new TarBuilder()
            .file("a/b/first", "1")
            .dir("c/b")
            .symlink("a", "c")
            .file("a/b/second", "2"));
    assertThat(f.text("c/b/second")).isEqualTo("2");
    assertThat(f.root.resolve("c/b/first")).doesNotExist();
  }

  @Test
  void symlinkReplacedByDirectoryForgetsWhereItLed() throws IOException {
    f.unpack(
        new TarBuilder()
            .dir("d/x")
            .symlink("lnk", "d")
            .file("lnk/x/first", "1")
            .dir("lnk")
            .file("lnk/x/second", "2"));
    assertThat(f.text("d/x/first")).isEqualTo("1");
    assertThat(f.root.resolve("d/x/second")).doesNotExist();
    assertThat(f.text("lnk/x/second")).isEqualTo("2");
  }

  /** An existing link is replaced, never written through (CVE-2002-0399; CVE-2021-21284 class). */
  @Test
  void fileOverSymlinkReplacesTheLink() throws IOException {
    Path canary = f.outside.resolve("canary");
    f.unpack(new TarBuilder().symlink("a", canary.toString()).file("a", "x"));
    assertThat(Files.isSymbolicLink(f.root.resolve("a"))).isFalse();
    assertThat(f.text("a")).isEqualTo("x");
  }

  /** CVE-2016-6321, CVE-2018-20834 (node-tar): hard link to outside. */
  @Test
  void hardLinkToOutsideFindsNothing() throws IOException {
    refused(new TarBuilder().hardLink("a", f.outside.resolve("canary").toString()), "hard link");
    refused(new TarBuilder().hardLink("a", "../outside/canary"), "..");
  }

  /** CVE-2021-37701 (node-tar), CVE-2025-4517 (Python): hard link through a symbolic link. */
  @Test
  void hardLinkThroughSymlinkIsConfined() throws IOException {
    refused(
        new TarBuilder().symlink("s", f.outside.toString()).hardLink("a", "s/canary"), "hard link");
  }

  /** Not followed at the last component either: the new name is a second name of the link. */
  @Test
  void hardLinkToSymlinkLinksTheLink() throws IOException {
    Path canary = f.outside.resolve("canary");
    f.unpack(new TarBuilder().symlink("s", canary.toString()).hardLink("a", "s").file("a", "x"));
    assertThat(f.text("a")).isEqualTo("x");
    assertThat(Files.isSymbolicLink(f.root.resolve("s"))).isTrue();
  }

  @Test
  void hardLinkToDirectoryOrRootIsRefused() {
    refused(new TarBuilder().dir("d").hardLink("a", "d"), "directory");
    refused(new TarBuilder().hardLink("a", "."), "root");
  }

  /** CVE-2021-29136 (umoci): the root itself replaced by a link. */
  @ParameterizedTest
  @ValueSource(strings = {".", "/", "./", "//", "./."})
  void rootStaysADirectory(String name) {
    refused(new TarBuilder().symlink(name, "/etc"), "root is not a directory");
    refused(new TarBuilder().hardLink(name, "a"), "root is not a directory");
  }

  /** Times of a replaced directory must not be set through the link that took its place. */
  @Test
  void directoryTimesAreNotSetThroughLinks() throws IOException {
    long before = Files.getLastModifiedTime(f.outside).toMillis();
    f.unpack(new TarBuilder().dir("d").symlink("d", f.outside.toString()));
    assertThat(Files.getLastModifiedTime(f.outside).toMillis()).isEqualTo(before);
    assertThat(Files.exists(f.root.resolve("d"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  /** CVE-2019-18277 class: owner and mode of what a link points to must not change. */
  @Test
  void ownersAreNotSetThroughLinks() throws IOException {
    Path canary = f.outside.resolve("canary");
    f.unpack(new TarBuilder().entry("a", '2').link(canary.toString()).uid(1234).mode(0777).add());
    assertThat(f.stat("a").uid()).isEqualTo(1234);
    assertThat((Integer) Files.getAttribute(canary, "unix:uid")).isZero();
  }
}
