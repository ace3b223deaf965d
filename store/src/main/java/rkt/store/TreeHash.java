package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.Stat;
import rkt.schema.json.JsonWriter;

/**
 * The hash of a tree: for each entry in lexical order a JSON line of its attributes, and its
 * content (the ancestor's algorithm). Times do not count, sockets are left out.
 */
final class TreeHash {
  private static final int HEX_DIGITS = 64;

  private final Kernel kernel;
  private final Set<String> skip;
  private final MessageDigest hash = Hashes.sha512();
  private final byte[] buffer = new byte[64 << 10];

  private TreeHash(Kernel kernel, Set<String> skip) {
    this.kernel = kernel;
    this.skip = skip;
  }

  /**
   * @param skip names at the top that do not count
   * @return {@code sha512-} and 64 hex digits
   */
  static String of(Kernel kernel, Path tree, Set<String> skip) throws IOException {
    TreeHash hash = new TreeHash(kernel, skip);
    try (Fd root = Fd.directory(kernel, tree.toString())) {
      hash.directory(root.number(), "");
    }
    return "sha512-" + Hashes.hex(hash.hash.digest()).substring(0, HEX_DIGITS);
  }

  private void directory(int dir, String path) throws IOException {
    List<String> names = new ArrayList<>(kernel.list(dir));
    Collections.sort(names);
    for (String name : names) {
      if (path.isEmpty() && skip.contains(name)) {
        continue;
      }
      Stat stat = kernel.fstatat(dir, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (!stat.isSocket()) {
        entry(dir, name, path.isEmpty() ? name : path + "/" + name, stat);
      }
    }
  }

  private void entry(int dir, String name, String path, Stat stat) throws IOException {
    if (!stat.isDir() && !stat.isRegular()) {
      header(path, stat, stat.isSymlink() ? kernel.readlinkat(dir, name) : "", -1);
      return;
    }
    int flags = Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK;
    try (Fd fd = Fd.openat(kernel, dir, name, flags, 0)) {
      header(path, stat, "", fd.number());
      if (stat.isDir()) {
        directory(fd.number(), path);
        return;
      }
      int n;
      while ((n = kernel.read(fd.number(), buffer, 0, buffer.length)) > 0) {
        hash.update(buffer, 0, n);
      }
    }
  }

  private void header(String path, Stat stat, String linkName, int fd) throws IOException {
    boolean device = stat.isCharDevice() || stat.isBlockDevice();
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("Name").value(path);
    json.name("Mode").value(stat.mode());
    json.name("UID").value(stat.uid());
    json.name("GID").value(stat.gid());
    json.name("Size").value(stat.isRegular() ? stat.size() : 0);
    json.name("Typeflag").value(typeFlag(stat));
    json.name("Linkname").value(linkName);
    json.name("Devmajor").value(device ? Stat.major(stat.rdev()) : 0);
    json.name("Devminor").value(device ? Stat.minor(stat.rdev()) : 0);
    json.name("Xattrs");
    xattrs(json, fd);
    json.endObject();
    hash.update(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void xattrs(JsonWriter json, int fd) throws IOException {
    String[] names = fd < 0 ? new String[0] : kernel.flistxattr(fd);
    Arrays.sort(names);
    boolean any = false;
    for (String name : names) {
      if (!name.equals("security.capability")
          && !name.startsWith("user.")
          && !name.startsWith("trusted.overlay.")) {
        continue;
      }
      byte[] value = kernel.fgetxattr(fd, name);
      if (value == null) {
        continue;
      }
      if (!any) {
        json.beginArray();
        any = true;
      }
      json.beginObject();
      json.name("Name").value(name);
      json.name("Value").value(new String(value, StandardCharsets.ISO_8859_1));
      json.endObject();
    }
    if (any) {
      json.endArray();
    } else {
      json.nullValue();
    }
  }

  private static long typeFlag(Stat stat) {
    if (stat.isDir()) {
      return '5';
    } else if (stat.isSymlink()) {
      return '2';
    } else if (stat.isCharDevice()) {
      return '3';
    } else if (stat.isBlockDevice()) {
      return '4';
    }
    return stat.isFifo() ? '6' : '0';
  }
}
