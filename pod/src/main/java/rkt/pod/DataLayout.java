package rkt.pod;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Users;

/**
 * The directories of {@code <data>} that pods need, made when first needed.
 *
 * <p>Members of group {@code rkt} may read pods: the directories carry that group and the
 * set-group-ID bit, so that what is made in them carries it too. Without the group everything
 * belongs to root alone. The image store makes its own.
 */
final class DataLayout {
  static final String PODS = "pods";
  static final String LOCKS = "locks";
  static final String TMP = "tmp";
  static final String PREPARE_LOCK = "prepareLock";

  private static final String GROUP = "rkt";
  private static final int GROUP_READABLE = 02750;
  private static final int ROOT_ONLY = 0750;

  private final Kernel kernel;
  private final Path dataDir;

  DataLayout(Kernel kernel, Path dataDir) {
    this.kernel = kernel;
    this.dataDir = dataDir;
  }

  Path pods() {
    return dataDir.resolve(PODS);
  }

  Path tmp() {
    return dataDir.resolve(TMP);
  }

  Path prepareLock() {
    return dataDir.resolve(LOCKS).resolve(PREPARE_LOCK);
  }

  /** Makes what is missing. What is made last is looked for first: usually everything is there. */
  void ensure() throws IOException {
    Path last = dataDir.resolve(LOCKS);
    if (exists(last)) {
      return;
    }
    OptionalInt rktGroup = Users.host(kernel).groupId(GROUP);
    makeParents(dataDir);
    make(dataDir, rktGroup);
    make(pods(), rktGroup);
    for (PodDirectory directory : PodDirectory.values()) {
      make(pods().resolve(directory.dirName()), rktGroup);
    }
    make(tmp(), rktGroup);
    make(last, rktGroup);
  }

  private boolean exists(Path dir) throws OsException {
    try {
      return kernel.fstatat(Consts.AT_FDCWD, dir.toString(), 0).isDir();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private void makeParents(Path dir) throws OsException {
    Path parent = dir.getParent();
    if (parent == null || exists(parent)) {
      return;
    }
    makeParents(parent);
    mkdir(parent, 0755);
  }

  private void make(Path dir, OptionalInt group) throws OsException {
    if (!mkdir(dir, ROOT_ONLY) || kernel.geteuid() != 0) {
      return;
    }
    String name = dir.toString();
    if (group.isPresent()) {
      kernel.fchownat(Consts.AT_FDCWD, name, 0, group.getAsInt(), Consts.AT_SYMLINK_NOFOLLOW);
      kernel.fchmodat(Consts.AT_FDCWD, name, GROUP_READABLE);
    } else {
      // Not what the caller's umask left of it.
      kernel.fchmodat(Consts.AT_FDCWD, name, ROOT_ONLY);
    }
  }

  private boolean mkdir(Path dir, int mode) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), mode);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
  }
}
