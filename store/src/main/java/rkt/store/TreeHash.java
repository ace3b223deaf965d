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
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.json.JsonWriter;
import rkt.store.unpack.FileDigests;

/**
 * The hash of a tree: for each entry in lexical order a JSON line of its attributes and, for a
 * file, the SHA-256 of its content. Times do not count, sockets are left out.
 *
 * <p>The ancestor's algorithm, which hashes the content itself, cannot be had from contents that
 * were hashed one by one while they were written. Trees that were rendered before have a value of
 * it, without the mark {@link #MARK}, and are still compared with that.
 */
final class TreeHash {
  private static final int HEX_DIGITS = 64;

  /** In front of values of today's definition. */
  private static final String MARK = "v2-";

  private static final byte[] NOTHING = {};

  private final Kernel kernel;
  private final Set<String> skip;
  private final MessageDigest hash = Hashes.sha512();
  private final @Nullable FileDigests known;

  /** Hashes one file; null for the ancestor's algorithm. */
  private final @Nullable MessageDigest content;

  private final byte[] buffer = new byte[64 << 10];

  private TreeHash(Kernel kernel, Set<String> skip, boolean old, @Nullable FileDigests known) {
    this.kernel = kernel;
    this.skip = skip;
    this.content = old ? null : Hashes.sha256();
    this.known = known;
  }

  /**
   * @param skip names at the top that do not count
   * @return {@code v2-sha512-} and 64 hex digits
   */
  static String of(Kernel kernel, Path tree, Set<String> skip) throws IOException {
    return new TreeHash(kernel, skip, false, null).of(tree);
  }

  /**
   * @param known digests (SHA-256) of files that were just written and need not be read
   */
  static String of(Kernel kernel, Path tree, Set<String> skip, FileDigests known)
      throws IOException {
    return new TreeHash(kernel, skip, false, known).of(tree);
  }

  /** By the algorithm that an earlier value was made with, for comparing with it. */
  static String like(String earlier, Kernel kernel, Path tree, Set<String> skip)
      throws IOException {
    return new TreeHash(kernel, skip, !earlier.startsWith(MARK), null).of(tree);
  }

  private String of(Path tree) throws IOException {
    try (Fd root = Fd.directory(kernel, tree.toString())) {
      directory(root.number(), "");
    }
    String value = "sha512-" + Hashes.hex(hash.digest()).substring(0, HEX_DIGITS);
    return content == null ? value : MARK + value;
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
      content(fd.number(), stat);
    }
  }

  private void content(int fd, Stat stat) throws OsException {
    byte[] digest = known == null ? null : known.of(stat.ino());
    if (digest == null) {
      MessageDigest target = content == null ? hash : content;
      int n;
      while ((n = kernel.read(fd, buffer, 0, buffer.length)) > 0) {
        target.update(buffer, 0, n);
      }
      digest = content == null ? NOTHING : content.digest();
    }
    hash.update(digest);
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
