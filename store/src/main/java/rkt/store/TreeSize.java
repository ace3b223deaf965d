package rkt.store;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * Bytes in the files below a path that removing it gives back: a file with several names counts
 * when all of them are there. Walks by descriptors, follows no link.
 */
final class TreeSize {
  private static final int DIRECTORY = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;

  /** Each level is an open descriptor; what is deeper is removed all the same, but not counted. */
  private static final int MAX_DEPTH = 200;

  private final Kernel kernel;

  /** Names seen of each file that has several. */
  private final Map<Long, Integer> links = new HashMap<>();

  private long bytes;

  private TreeSize(Kernel kernel) {
    this.kernel = kernel;
  }

  /** As far as it can be found out: that a thing cannot be measured is no reason to keep it. */
  static long of(Kernel kernel, Path path) {
    TreeSize size = new TreeSize(kernel);
    size.add(Consts.AT_FDCWD, path.toString(), 0);
    return size.bytes;
  }

  private void add(int dir, String name, int depth) {
    try {
      Stat stat = kernel.fstatat(dir, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (stat.isDir()) {
        children(dir, name, depth);
      } else if (stat.isRegular() && isLastName(stat)) {
        bytes += stat.size();
      }
    } catch (OsException e) {
      // Gone meanwhile, or not to be opened.
      return;
    }
  }

  private void children(int dir, String name, int depth) throws OsException {
    if (depth == MAX_DEPTH) {
      return;
    }
    try (Fd fd = Fd.openat(kernel, dir, name, DIRECTORY, 0)) {
      for (String child : kernel.list(fd.number())) {
        add(fd.number(), child, depth + 1);
      }
    }
  }

  private boolean isLastName(Stat stat) {
    return stat.nlink() == 1 || links.merge(stat.ino(), 1, Integer::sum) == stat.nlink();
  }
}
