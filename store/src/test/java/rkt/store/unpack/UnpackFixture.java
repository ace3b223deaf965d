package rkt.store.unpack;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.Stat;

/** Unpacks into {@code root} beside a canary that nothing may touch. */
final class UnpackFixture {
  final Kernel kernel = Kernel.linux();
  final Path root;
  final Path outside;

  UnpackFixture(Path temporary) throws IOException {
    Assumptions.assumeTrue(
        kernel.geteuid() == 0, "unpacking owners, devices and whiteouts needs root");
    root = Files.createDirectory(temporary.resolve("root"));
    outside = Files.createDirectory(temporary.resolve("outside"));
    Files.writeString(outside.resolve("canary"), "alive");
  }

  UnpackResult unpack(byte[] archive) throws IOException {
    return unpack(archive, UnpackOptions.layer(UnpackLimits.DEFAULT));
  }

  UnpackResult unpack(TarBuilder archive) throws IOException {
    return unpack(archive.bytes());
  }

  UnpackResult unpack(byte[] archive, UnpackOptions options) throws IOException {
    try (Fd fd = Fd.directory(kernel, root.toString())) {
      // Odd block sizes, so that headers and data straddle blocks.
      StreamSource source = new StreamSource(new ByteArrayInputStream(archive), 700);
      return new TarUnpacker(kernel, fd.number(), options)
          .unpack(new TarReader(source, options.limits()));
    }
  }

  Stat stat(String path) throws IOException {
    return kernel.fstatat(
        Consts.AT_FDCWD, root.resolve(path).toString(), Consts.AT_SYMLINK_NOFOLLOW);
  }

  boolean isWhiteout(String path) throws IOException {
    return TarUnpacker.isWhiteout(stat(path));
  }

  boolean isOpaque(String path) throws IOException {
    byte[] mark = kernel.lgetxattr(root.resolve(path).toString(), "trusted.overlay.opaque");
    return mark != null && mark.length == 1 && mark[0] == 'y';
  }

  String text(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  /** Everything outside of the root is as it was. */
  void assertUntouched() throws IOException {
    try (var files = Files.list(outside)) {
      if (files.count() != 1 || !Files.readString(outside.resolve("canary")).equals("alive")) {
        throw new AssertionError("the archive reached outside of the root");
      }
    }
  }
}
