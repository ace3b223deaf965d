package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

  private final Kernel kernel = Kernel.linux();

  @TempDir Path dir;

  @Test
  void createsAndReplacesWithTheExactMode() throws Exception {
    Path file = dir.resolve("f");
    AtomicFiles.writeAtomically(kernel, file, TEXT, 0666);
    assertThat(kernel.fstatat(Consts.AT_FDCWD, file.toString(), 0).permissions()).isEqualTo(0666);
    AtomicFiles.replace(kernel, file, new byte[0], 0400);
    assertThat(file).isEmptyFile();
    assertThat(kernel.fstatat(Consts.AT_FDCWD, file.toString(), 0).permissions()).isEqualTo(0400);
    assertThat(dir).isDirectoryNotContaining("glob:**/.tmp-*");
  }

  @Test
  void leavesNothingBehindWhenItFails() throws Exception {
    Path taken = dir.resolve("d");
    Files.createDirectory(taken);
    assertThatThrownBy(() -> AtomicFiles.writeAtomically(kernel, taken, TEXT, 0600))
        .isInstanceOf(OsException.class)
        .hasMessage("rename " + taken + ": Is a directory");
    try (var names = Files.list(dir)) {
      assertThat(names).containsExactly(taken);
    }
  }

  @Test
  void replacesALinkAndNotItsTarget() throws Exception {
    Path target = Files.write(dir.resolve("target"), new byte[] {1});
    Path link = Files.createSymbolicLink(dir.resolve("link"), target);
    AtomicFiles.writeAtomically(kernel, link, TEXT, 0600);
    assertThat(target).hasBinaryContent(new byte[] {1});
    assertThat(link).isRegularFile().hasBinaryContent(TEXT);
  }

  @Test
  void renames() throws Exception {
    Path from = Files.createDirectory(dir.resolve("from"));
    Path to = Files.createDirectory(dir.resolve("sub")).resolve("to");
    AtomicFiles.rename(kernel, from, to);
    assertThat(to).isDirectory();
    Files.createDirectory(from);
    assertThat(AtomicFiles.renameNew(kernel, from, to)).isFalse();
    assertThat(AtomicFiles.renameNew(kernel, from, dir.resolve("other"))).isTrue();
  }
}
