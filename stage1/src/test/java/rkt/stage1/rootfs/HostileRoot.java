package rkt.stage1.rootfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import rkt.os.Consts;
import rkt.os.Kernel;

/** Builds root file systems as an image's author might. */
final class HostileRoot {
  final Path path;

  HostileRoot(Path path) throws IOException {
    this.path = Files.createDirectories(path);
  }

  Path file(String inside, String content) throws IOException {
    return file(inside, content.getBytes(StandardCharsets.UTF_8));
  }

  Path file(String inside, byte[] content) throws IOException {
    Path file = path.resolve(inside);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  void program(String inside, byte[] content) throws IOException {
    Files.setPosixFilePermissions(
        file(inside, content), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  void program(String inside, String content) throws IOException {
    program(inside, content.getBytes(StandardCharsets.UTF_8));
  }

  void link(String inside, String target) throws IOException {
    Path link = path.resolve(inside);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(target));
  }

  void fifo(String inside) throws IOException {
    Path fifo = path.resolve(inside);
    Files.createDirectories(fifo.getParent());
    Kernel.linux().mknodat(Consts.AT_FDCWD, fifo.toString(), Consts.S_IFIFO | 0755, 0, 0);
  }

  /** A 64-bit little-endian ELF file with one program header. */
  static byte[] elf(String loader, long offset, long length, int entries) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 + 56).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    buffer.putShort(18, (short) (System.getProperty("os.arch").equals("aarch64") ? 183 : 62));
    buffer.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) entries);
    buffer.putInt(64, 3).putLong(64 + 8, offset).putLong(64 + 32, length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(buffer.array());
    out.write(loader.getBytes(StandardCharsets.UTF_8));
    out.write(0);
    return out.toByteArray();
  }

  static byte[] elf(String loader) throws IOException {
    return elf(loader, 120, loader.length() + 1L, 1);
  }

  Rootfs open() throws IOException {
    return Rootfs.open(Kernel.linux(), path);
  }
}
