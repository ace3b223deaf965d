package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OCI whiteouts become overlayfs whiteouts; odd forms are refused. */
class WhiteoutsTest {
  @TempDir Path temporary;
  private UnpackFixture f;

  @BeforeEach
  void open() throws IOException {
    f = new UnpackFixture(temporary);
  }

  @Test
  void whiteoutBecomesADeviceNode() throws IOException {
    f.unpack(new TarBuilder().file("etc/.wh.passwd", "").file(".wh.bin", ""));
    assertThat(f.isWhiteout("etc/passwd")).isTrue();
    assertThat(f.isWhiteout("bin")).isTrue();
  }

  @Test
  void opaqueDirectoryGetsTheMark() throws IOException {
    f.unpack(new TarBuilder().dir("etc").file("etc/.wh..wh..opq", "").file("etc/x", "x"));
    assertThat(f.isOpaque("etc")).isTrue();
    assertThat(f.text("etc/x")).isEqualTo("x");
  }

  /** overlayfs ignores the mark on the root of a layer. */
  @Test
  void opaqueRootIsReported() throws IOException {
    assertThat(f.unpack(new TarBuilder().file(".wh..wh..opq", "")).rootOpaque()).isTrue();
    assertThat(f.isOpaque(".")).isFalse();
  }

  /** {@code .wh..}, {@code .wh...} name the directory and its parent, {@code .wh.} nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".wh.",
        ".wh..",
        ".wh...",
        "a/.wh.",
        "a/.wh..",
        "a/.wh...",
        ".wh.a/b",
        "a/.wh.b/c",
        ".wh..wh..opq/x"
      })
  void oddFormsAreRefused(String name) {
    assertThatThrownBy(() -> f.unpack(new TarBuilder().file("a/keep", "x").file(name, "")))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("whiteout");
  }

  /** Only the exact lower-case prefix is one (the ancestor compared case-insensitively). */
  @ParameterizedTest
  @ValueSource(strings = {".WH.bin", ".Wh..wh..opq", ".whbin", "x.wh.bin", "...wh.a"})
  void otherNamesArePlain(String name) throws IOException {
    f.unpack(new TarBuilder().file(name, "x"));
    assertThat(f.text(name)).isEqualTo("x");
  }

  /** AUFS bookkeeping, whose hard links once gave a way out of the root in Docker. */
  @Test
  void bookkeepingIsLeftOut() throws IOException {
    f.unpack(new TarBuilder().dir(".wh..wh.plnk").file(".wh..wh.plnk/1.2", "x").file("a", "a"));
    assertThat(f.root.toFile().list()).containsExactly("a");
  }

  /** It hides the layers below, not what the same layer brings. */
  @Test
  void whiteoutKeepsThisLayersFile() throws IOException {
    f.unpack(new TarBuilder().file("a", "new").file(".wh.a", "").dir("d").file(".wh.d", ""));
    assertThat(f.text("a")).isEqualTo("new");
    assertThat(f.isOpaque("d")).isTrue();
  }

  @Test
  void directoryAfterItsWhiteoutStaysOpaque() throws IOException {
    f.unpack(new TarBuilder().file(".wh.d", "").dir("d").file("d/x", "x"));
    assertThat(f.isOpaque("d")).isTrue();
    assertThat(f.text("d/x")).isEqualTo("x");
  }

  @Test
  void whiteoutThroughASymlinkIsConfined() throws IOException {
    assertThatThrownBy(() ->
            f.unpack(new TarBuilder().symlink("s", f.outside.toString()).file("s/.wh.canary", "")))
        .isInstanceOf(ArchiveException.class);
    f.assertUntouched();
  }

  /** A forged whiteout: only the engine may make one. */
  @Test
  void deviceZeroZeroIsRefused() {
    assertThatThrownBy(() -> f.unpack(new TarBuilder().entry("bin", '3').device(0, 0).add()))
        .hasMessageContaining("reserved for whiteouts");
  }

  @Test
  void inAnAciWhiteoutsArePlainNames() throws IOException {
    UnpackOptions aci = new UnpackOptions(false, true, Selector.ALL, UnpackLimits.DEFAULT);
    f.unpack(new TarBuilder().file(".wh.a", "x").bytes(), aci);
    assertThat(f.text(".wh.a")).isEqualTo("x");
  }
}
