package rkt.pod;

import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.IdRange;

/** What this host can do about user namespaces. */
public final class UserNamespaces {
  private static final String PROC = "/proc/self/ns/user";
  private static final String LIMIT = "/proc/sys/user/max_user_namespaces";

  private UserNamespaces() {}

  /** Why there can be none, in the ancestor's words; empty when there can. */
  public static Optional<String> obstacle(Kernel kernel) {
    String none =
        "--private-users is not supported, kernel compiled without user namespace support";
    if (!exists(kernel, PROC)) {
      return Optional.of(none);
    }
    try {
      if (SmallFiles.readText(kernel, LIMIT, 64).strip().equals("0")) {
        return Optional.of(none + " or set to have none (sysctl user.max_user_namespaces is 0)");
      }
    } catch (OsException _) {
      // Before Linux 4.9 there is no such limit.
    }
    return Optional.empty();
  }

  private static boolean exists(Kernel kernel, String path) {
    try {
      kernel.fstatat(Consts.AT_FDCWD, path, 0);
      return true;
    } catch (OsException _) {
      return false;
    }
  }

  /**
   * Why the owners of files below a directory cannot be mapped (mount_setattr(2),
   * MOUNT_ATTR_IDMAP); empty when they can, found out by trying.
   *
   * @param overlay whether layers of an overlay shall be: the kernel learned that later
   */
  static Optional<String> mappingObstacle(Kernel kernel, String directory, boolean overlay)
      throws EngineException, OsException {
    if (overlay && !atLeast(kernel, 5, 19)) {
      return Optional.of("overlayfs takes mapped layers from Linux 5.19 on");
    }
    try (Fd namespace = open(kernel, IdRange.numbered(1))) {
      int flags = Consts.OPEN_TREE_CLONE | Consts.OPEN_TREE_CLOEXEC;
      try (Fd tree = new Fd(kernel, kernel.openTree(Consts.AT_FDCWD, directory, flags))) {
        map(kernel, tree, Consts.AT_EMPTY_PATH, namespace);
      }
      return Optional.empty();
    } catch (OsException e) {
      if (unmappable(e)) {
        return Optional.of(
            "the file system of " + directory + " cannot be mapped: " + e.getMessage());
      }
      throw e;
    }
  }

  /**
   * A user namespace with these IDs.
   *
   * @throws EngineException when the host has no more, or allows none
   */
  static Fd open(Kernel kernel, IdRange range) throws EngineException, OsException {
    try {
      return new Fd(kernel, kernel.userNamespace(range.first(), range.count()));
    } catch (OsException e) {
      if (e.is(Errno.ENOSPC)) {
        throw failure("raise the sysctl user.max_user_namespaces, or end other pods", e);
      }
      if (e.is(Errno.EPERM) || e.is(Errno.EINVAL)) {
        throw failure("see what forbids it: a container around rkt, a security module", e);
      }
      throw e;
    }
  }

  private static EngineException failure(String remedy, OsException e) {
    return new EngineException(
        ErrorCode.UNSUPPORTED,
        "cannot make a user namespace for the pod",
        String.valueOf(e.getMessage()),
        remedy,
        e);
  }

  static void map(Kernel kernel, Fd tree, int flags, Fd namespace) throws OsException {
    kernel.mountSetattr(
        tree.number(), "", flags, Consts.MOUNT_ATTR_IDMAP, 0, 0, namespace.number());
  }

  /** Whether a failure means that this file system, or this kernel, maps no owners. */
  static boolean unmappable(OsException e) {
    if (!e.syscall().equals("mount_setattr") && !e.syscall().equals("open_tree")) {
      return false;
    }
    // EPERM: a mount that is mapped already, or was made in another user namespace.
    return e.is(Errno.EINVAL) || e.is(Errno.EPERM) || e.is(Errno.ENOSYS) || e.is(Errno.EOPNOTSUPP);
  }

  private static boolean atLeast(Kernel kernel, int major, int minor) throws OsException {
    String release = SmallFiles.readText(kernel, "/proc/sys/kernel/osrelease", 256).strip();
    int dot = release.indexOf('.');
    int have = number(release, 0);
    return have > major || have == major && number(release, dot + 1) >= minor;
  }

  /** The digits from an index on. */
  private static int number(String text, int from) {
    int value = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || value > 100_000) {
        break;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }
}
