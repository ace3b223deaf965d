package rkt.image.build;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import rkt.image.build.TarFile.Kind;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * A directory on this machine.
 *
 * <p>Every component is opened relative to its parent's descriptor and never through a symbolic
 * link, so a tree that changes under us cannot lead the walk out of it. Sockets are left out: tar
 * has no entry for them and they mean nothing at rest.
 */
final class DirectorySource implements RootfsSource {
  private static final int MAX_DEPTH = 512;
  private static final int BUFFER = 64 << 10;

  private final Kernel kernel;
  private final Fd root;
  private final Map<Inode, String> linked = new HashMap<>();
  private final byte[] buffer = new byte[BUFFER];

  private record Inode(long device, long number) {}

  DirectorySource(Kernel kernel, Path directory) throws OsException {
    this.kernel = kernel;
    this.root = Fd.directory(kernel, directory.toString());
  }

  @Override
  public void each(Visitor visitor) throws IOException {
    directory(root.number(), "", 0, visitor);
  }

  private void directory(int fd, String prefix, int depth, Visitor visitor) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException(prefix + " lies more than " + MAX_DEPTH + " directories deep");
    }
    List<String> names = new ArrayList<>(kernel.list(fd));
    Collections.sort(names);
    for (String name : names) {
      Stat stat = kernel.fstatat(fd, name, Consts.AT_SYMLINK_NOFOLLOW);
      String path = prefix + name;
      if (stat.isDir()) {
        try (Fd child =
            Fd.openat(
                kernel, fd, name, Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW, 0)) {
          Stat actual = kernel.fstat(child.number());
          visitor.file(file(path, Kind.DIRECTORY, actual, "", xattrs(child.number())), out -> {});
          directory(child.number(), path + "/", depth + 1, visitor);
        }
      } else if (!stat.isSocket()) {
        leaf(fd, name, path, stat, visitor);
      }
    }
  }

  private void leaf(int dir, String name, String path, Stat stat, Visitor visitor)
      throws IOException {
    if (stat.nlink() > 1) {
      String first = linked.putIfAbsent(new Inode(stat.dev(), stat.ino()), path);
      if (first != null) {
        visitor.file(file(path, Kind.REGULAR, stat, "", List.of()).hardLinkTo(first), out -> {});
        return;
      }
    }
    if (stat.isRegular()) {
      regular(dir, name, path, visitor);
    } else if (stat.isSymlink()) {
      visitor.file(
          file(path, Kind.SYMLINK, stat, kernel.readlinkat(dir, name), List.of()), out -> {});
    } else {
      Kind kind =
          stat.isCharDevice()
              ? Kind.CHAR_DEVICE
              : stat.isBlockDevice() ? Kind.BLOCK_DEVICE : Kind.FIFO;
      visitor.file(file(path, kind, stat, "", List.of()), out -> {});
    }
  }

  private void regular(int dir, String name, String path, Visitor visitor) throws IOException {
    // Non-blocking, because the file may have become a pipe since we looked.
    int flags = Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK | Consts.O_NOCTTY;
    try (Fd file = Fd.openat(kernel, dir, name, flags, 0)) {
      Stat stat = kernel.fstat(file.number());
      if (!stat.isRegular()) {
        throw new IOException(path + " changed while it was read");
      }
      visitor.file(
          file(path, Kind.REGULAR, stat, "", xattrs(file.number())),
          out -> copy(file.number(), out));
    }
  }

  private void copy(int fd, OutputStream out) throws IOException {
    while (true) {
      int count = kernel.read(fd, buffer, 0, buffer.length);
      if (count == 0) {
        return;
      }
      out.write(buffer, 0, count);
    }
  }

  private List<TarFile.Xattr> xattrs(int fd) throws OsException {
    String[] names = kernel.flistxattr(fd);
    Arrays.sort(names);
    List<TarFile.Xattr> kept = new ArrayList<>();
    for (String name : names) {
      byte[] value = RootfsSource.keepsXattr(name) ? kernel.fgetxattr(fd, name) : null;
      if (value != null) {
        kept.add(new TarFile.Xattr(name, value));
      }
    }
    return kept;
  }

  private static TarFile file(
      String path, Kind kind, Stat stat, String link, List<TarFile.Xattr> xattrs) {
    boolean device = kind == Kind.CHAR_DEVICE || kind == Kind.BLOCK_DEVICE;
    return new TarFile(
        path,
        kind,
        kind == Kind.SYMLINK ? 0777 : stat.permissions(),
        stat.uid(),
        stat.gid(),
        kind == Kind.REGULAR ? stat.size() : 0,
        stat.mtimeSec(),
        stat.mtimeNsec(),
        link,
        device ? Stat.major(stat.rdev()) : 0,
        device ? Stat.minor(stat.rdev()) : 0,
        xattrs);
  }

  @Override
  public void close() throws IOException {
    root.close();
  }
}
