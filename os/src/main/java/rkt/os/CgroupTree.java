package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One relative cgroup path in all hierarchies of the host, and what lies below it. */
public final class CgroupTree {
  private static final int LIMIT = 16 << 20;
  private static final int BUSY_ATTEMPTS = 40;
  private static final int LONGEST_PAUSE_MILLIS = 64;

  private final Kernel kernel;
  private final Cgroups cgroups;
  private final String relative;

  CgroupTree(Kernel kernel, Cgroups cgroups, String relative) {
    // The root, and anything that climbs to it, is never ours to empty.
    if (!relative.startsWith("/") || relative.length() < 2 || hasDots(relative)) {
      throw new IllegalArgumentException("not a path of a cgroup below the root: " + relative);
    }
    this.kernel = kernel;
    this.cgroups = cgroups;
    this.relative = relative;
  }

  private static boolean hasDots(String path) {
    for (String name : Words.split(path, '/')) {
      if (name.equals(".") || name.equals("..")) {
        return true;
      }
    }
    return false;
  }

  /** The directories that exist. */
  public List<String> directories() throws OsException {
    List<String> existing = new ArrayList<>();
    for (String directory : cgroups.directories(relative)) {
      try {
        if (kernel.fstatat(Consts.AT_FDCWD, directory, Consts.AT_SYMLINK_NOFOLLOW).isDir()) {
          existing.add(directory);
        }
      } catch (OsException e) {
        if (!isGone(e)) {
          throw e;
        }
      }
    }
    return existing;
  }

  /** The processes in it and below, in any hierarchy. */
  public List<Integer> processes() throws OsException {
    List<Integer> pids = new ArrayList<>();
    for (String top : directories()) {
      for (String directory : preOrder(top)) {
        for (int pid : members(directory)) {
          if (!pids.contains(pid)) {
            pids.add(pid);
          }
        }
      }
    }
    return pids;
  }

  private List<Integer> members(String directory) throws OsException {
    List<Integer> pids = new ArrayList<>();
    try {
      String text = SmallFiles.readText(kernel, directory + "/cgroup.procs", LIMIT);
      for (String line : Words.split(text, '\n')) {
        pids.add(Integer.valueOf(line));
      }
    } catch (OsException e) {
      // EOPNOTSUPP: a threaded cgroup of v2, whose processes show up in its domain above.
      if (!isGone(e) && !e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    } catch (NumberFormatException e) {
      throw new OsException("read", directory + "/cgroup.procs", Errno.EINVAL);
    }
    return pids;
  }

  /** Creates it in the v2 hierarchy and moves a process there. */
  public void join(int pid) throws OsException {
    Cgroups.Hierarchy unified =
        cgroups.unified().orElseThrow(() -> new OsException("mkdir", relative, Errno.ENODEV));
    String directory = unified.mountPoint();
    for (String name : Words.split(relative, '/')) {
      directory = directory + "/" + name;
      try {
        kernel.mkdirat(Consts.AT_FDCWD, directory, 0755);
      } catch (OsException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      }
    }
    write(directory + "/cgroup.procs", Integer.toString(pid));
  }

  /**
   * Kills every process in it and below. They may still be dying on return; {@link #remove} waits.
   */
  public void kill() throws OsException {
    for (String top : directories()) {
      try {
        // Linux 5.14: atomic, no process can fork its way out.
        write(top + "/cgroup.kill", "1");
        continue;
      } catch (OsException e) {
        if (!isGone(e) && !e.is(Errno.EACCES) && !e.is(Errno.EPERM)) {
          throw e;
        }
      }
      for (String directory : preOrder(top)) {
        for (int pid : members(directory)) {
          killOne(pid);
        }
      }
    }
  }

  private void killOne(int pid) throws OsException {
    // 0 stands for a process of another PID namespace, and to kill(2) for our own process group.
    if (pid <= 0) {
      return;
    }
    try {
      kernel.kill(pid, Consts.SIGKILL);
    } catch (OsException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  /**
   * Removes it with everything below from each hierarchy. A cgroup whose last process is just dying
   * is busy for some milliseconds more: waits up to about two seconds, then fails with EBUSY,
   * having removed what it could.
   */
  public void remove() throws OsException {
    @Nullable OsException first = null;
    for (String top : directories()) {
      try {
        removeBelow(top);
      } catch (OsException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void removeBelow(String top) throws OsException {
    for (int attempt = 1; ; attempt++) {
      try {
        List<String> directories = preOrder(top);
        for (int i = directories.size() - 1; i >= 0; i--) {
          removeOne(directories.get(i));
        }
        return;
      } catch (OsException e) {
        // ENOTEMPTY: somebody made a child after we looked.
        if (attempt == BUSY_ATTEMPTS || !(e.is(Errno.EBUSY) || e.is(Errno.ENOTEMPTY))) {
          throw e;
        }
      }
      pause(Math.min(1 << attempt, LONGEST_PAUSE_MILLIS), top);
    }
  }

  private void removeOne(String directory) throws OsException {
    try {
      kernel.unlinkat(Consts.AT_FDCWD, directory, Consts.AT_REMOVEDIR);
    } catch (OsException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
  }

  /** The directory and all below it, parents first. */
  private List<String> preOrder(String top) throws OsException {
    List<String> all = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>();
    open.push(top);
    while (!open.isEmpty()) {
      String directory = open.pop();
      all.add(directory);
      for (String name : list(directory)) {
        String child = directory + "/" + name;
        if (isDirectory(child)) {
          open.push(child);
        }
      }
    }
    return all;
  }

  private List<String> list(String directory) throws OsException {
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    try (Fd fd = Fd.open(kernel, directory, flags, 0)) {
      return kernel.list(fd.number());
    } catch (OsException e) {
      if (isGone(e)) {
        return List.of();
      }
      throw e;
    }
  }

  private boolean isDirectory(String path) throws OsException {
    try {
      return kernel.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW).isDir();
    } catch (OsException e) {
      if (isGone(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isGone(OsException e) {
    return e.is(Errno.ENOENT) || e.is(Errno.ENODEV);
  }

  private void write(String path, String text) throws OsException {
    try (Fd fd = Fd.open(kernel, path, Consts.O_WRONLY, 0)) {
      byte[] b = text.getBytes(StandardCharsets.US_ASCII);
      kernel.write(fd.number(), b, 0, b.length);
    }
  }

  private static void pause(long millis, String directory) throws OsException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OsException("rmdir", directory, Errno.EINTR);
    }
  }
}
