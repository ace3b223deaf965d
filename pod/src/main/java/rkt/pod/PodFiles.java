package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * The names inside a pod's directory, and reading and writing them. All paths here are below
 * directories that only root (or group rkt, for reading) can enter, so plain paths are safe;
 * nothing in an app's root is touched through this class.
 */
final class PodFiles {
  static final String MANIFEST = "pod";
  static final String CREATED = "pod-created";
  static final String APP_LOCK = "pod.lck";
  static final String OVERLAY_PREPARED = "overlay-prepared";
  static final String USERS_PREPARED = "private-users-prepared";
  static final String USERS_CHOWNED = "private-users-chowned";
  static final String APPS_INFO = "appsinfo";
  static final String TREE_STORE_ID = "treeStoreID";
  static final String IMAGE_ID = "imageID";
  static final String LAYERS = "layers";
  static final String OVERLAY = "overlay";
  static final String SHARED_VOLUMES = "sharedVolumes";
  static final String STAGE1_ROOT = "stage1/rootfs";
  static final String STAGE2 = "stage1/rootfs/opt/stage2";
  static final String STATUS = "stage1/rootfs/rkt/status";
  static final String SUPERVISOR_STATUS = "stage1/rootfs/rkt/supervisor-status";
  static final String PID = "pid";
  static final String PPID = "ppid";
  static final String SUPERVISOR_PID = "supervisor-pid";
  static final String SUPERVISOR = "supervisor";
  static final String LAUNCH = "launch";
  static final String EXIT = "exit";
  static final String FAILURE = "failure";

  /** A file rkt wrote itself is never larger; whatever is has been tampered with. */
  private static final int MAX_FILE = 8 << 20;

  private final Kernel kernel;

  PodFiles(Kernel kernel) {
    this.kernel = kernel;
  }

  /** The whole file. */
  byte[] read(Path file) throws OsException {
    try (Fd fd = Fd.open(kernel, file.toString(), Consts.O_RDONLY | Consts.O_NOFOLLOW, 0)) {
      return readAll(fd.number(), file.toString());
    }
  }

  /** The whole file below an open directory; null when there is none. */
  byte @Nullable [] readIfPresent(int dir, String name) throws OsException {
    try (Fd fd = Fd.openat(kernel, dir, name, Consts.O_RDONLY | Consts.O_NOFOLLOW, 0)) {
      return readAll(fd.number(), name);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return null;
      }
      throw e;
    }
  }

  /** The trimmed text of a small file below an open directory; empty when there is none. */
  Optional<String> text(int dir, String name) throws OsException {
    byte[] bytes = readIfPresent(dir, name);
    return bytes == null
        ? Optional.empty()
        : Optional.of(new String(bytes, StandardCharsets.UTF_8).strip());
  }

  private byte[] readAll(int fd, String name) throws OsException {
    long size = kernel.fstat(fd).size();
    if (size > MAX_FILE) {
      throw new OsException("read", name, Errno.EFBIG);
    }
    byte[] buffer = new byte[(int) size + 1];
    int filled = 0;
    while (true) {
      int n = kernel.read(fd, buffer, filled, buffer.length - filled);
      if (n == 0) {
        return filled == buffer.length ? buffer : java.util.Arrays.copyOf(buffer, filled);
      }
      filled += n;
      if (filled == buffer.length) {
        if (filled > MAX_FILE) {
          throw new OsException("read", name, Errno.EFBIG);
        }
        buffer = java.util.Arrays.copyOf(buffer, filled * 2);
      }
    }
  }

  /** Makes a new file; the caller decides about durability. */
  void write(Path file, byte[] content, int mode) throws OsException {
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_TRUNC | Consts.O_NOFOLLOW;
    try (Fd fd = Fd.open(kernel, file.toString(), flags, mode)) {
      kernel.fchmod(fd.number(), mode);
      if (content.length > 0) {
        kernel.write(fd.number(), content, 0, content.length);
      }
    }
  }

  void write(Path file, String content, int mode) throws OsException {
    write(file, content.getBytes(StandardCharsets.UTF_8), mode);
  }

  /** Makes a directory whose parent exists; an existing one is taken as it is. */
  void mkdir(Path dir, int mode) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), mode);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  /** Makes a directory and its parents up to {@code base}, which exists. */
  void mkdirs(Path base, String relative, int mode) throws OsException {
    Path at = base;
    for (Path name : Path.of(relative)) {
      at = at.resolve(name);
      mkdir(at, mode);
    }
  }

  boolean exists(int dir, String name) throws OsException {
    return stat(dir, name) != null;
  }

  @Nullable Stat stat(int dir, String name) throws OsException {
    try {
      return kernel.fstatat(dir, name, Consts.AT_SYMLINK_NOFOLLOW);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return null;
      }
      throw e;
    }
  }

  /** Nanoseconds since the epoch. */
  static long nanos(long seconds, int nanos) {
    return seconds * 1_000_000_000L + nanos;
  }
}
