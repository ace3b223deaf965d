package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Command;
import rkt.os.Fd;
import rkt.os.Kernel;

class TreeCopyTest {
  @TempDir private Path dir;
  private Path root = Path.of("/");
  private Path volume = Path.of("/");

  @BeforeEach
  void make() throws Exception {
    root = Files.createDirectory(dir.resolve("root"));
    volume = Files.createDirectory(dir.resolve("volume"));
  }

  private void copy(String path) throws Exception {
    try (Fd fd = Fd.directory(Kernel.linux(), volume.toString())) {
      new TreeCopy(Kernel.linux()).fromRoot(root, path, fd.number());
    }
  }

  @Test
  void copiesContentLinksAndModes() throws Exception {
    Files.createDirectories(root.resolve("data/sub"));
    Files.writeString(root.resolve("data/sub/file"), "x".repeat(200_000));
    Files.setPosixFilePermissions(
        root.resolve("data/sub/file"), PosixFilePermissions.fromString("rwx--x--x"));
    Files.setPosixFilePermissions(
        root.resolve("data"), PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(root.resolve("data/link"), Path.of("sub/file"));
    copy("/data");
    assertThat(volume.resolve("sub/file")).hasContent("x".repeat(200_000));
    assertThat(Files.getPosixFilePermissions(volume.resolve("sub/file")))
        .isEqualTo(PosixFilePermissions.fromString("rwx--x--x"));
    assertThat(Files.getPosixFilePermissions(volume))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.readSymbolicLink(volume.resolve("link"))).isEqualTo(Path.of("sub/file"));
  }

  /** A few bytes of archive must not become a full disk. */
  @Test
  void holesStayHoles() throws Exception {
    Path sparse = Files.createDirectories(root.resolve("data")).resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.seek(1L << 30);
      file.write("end".getBytes(StandardCharsets.US_ASCII));
      file.setLength(4L << 30);
    }
    copy("/data");
    Path copied = volume.resolve("sparse");
    assertThat(copied).hasSize(4L << 30);
    try (RandomAccessFile file = new RandomAccessFile(copied.toFile(), "r")) {
      byte[] end = new byte[3];
      file.seek(1L << 30);
      file.readFully(end);
      assertThat(end).asString(StandardCharsets.US_ASCII).isEqualTo("end");
    }
    long allocated =
        Long.parseLong(Command.of("stat", "-c", "%b", copied.toString()).run().output().strip());
    assertThat(allocated * 512).isLessThan(16 << 20);
  }

  @Test
  void aLinkDoesNotLeadOutOfTheRoot() throws Exception {
    Path secret = Files.createDirectory(dir.resolve("secret"));
    Files.writeString(secret.resolve("key"), "k");
    Files.createSymbolicLink(root.resolve("absolute"), secret);
    Files.createSymbolicLink(root.resolve("climbing"), Path.of("../secret"));
    copy("/absolute");
    copy("/climbing");
    copy("/../secret");
    assertThat(volume).isEmptyDirectory();
  }

  @Test
  void followsALinkInsideTheRoot() throws Exception {
    Files.createDirectories(root.resolve("real"));
    Files.writeString(root.resolve("real/file"), "1");
    Files.createSymbolicLink(root.resolve("link"), Path.of("/real"));
    copy("/link");
    assertThat(volume.resolve("file")).hasContent("1");
  }

  @Test
  void nothingThereOrAFileIsNothingCopied() throws Exception {
    Files.writeString(root.resolve("file"), "1");
    copy("/none");
    copy("/file");
    assertThat(volume).isEmptyDirectory();
  }
}
