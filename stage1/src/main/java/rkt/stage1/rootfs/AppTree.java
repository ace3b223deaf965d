package rkt.stage1.rootfs;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.stage1.BindMount;

/**
 * The files of an app as it will see them: its root file system with its volumes in their places,
 * those included that the runtime mounts later. For looking only: what is found may be another file
 * by the time the app starts, so nothing that matters for security may depend on it.
 */
public final class AppTree {
  /** As many links as the kernel follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private static final String BINFMT = "/proc/sys/fs/binfmt_misc";

  private static final long NO_LINKS = Consts.RESOLVE_NO_SYMLINKS | Consts.RESOLVE_NO_MAGICLINKS;

  private final Kernel kernel;
  private final Rootfs rootfs;
  private final List<Mounted> mounts = new ArrayList<>();

  /** A volume at the place its target leads to. */
  private record Mounted(String place, Path source) {}

  /**
   * @param volumes in mounting order
   */
  public AppTree(Kernel kernel, Rootfs rootfs, List<BindMount> volumes) throws OsException {
    this.kernel = kernel;
    this.rootfs = rootfs;
    for (BindMount volume : volumes) {
      if (!volume.placed()) {
        mounts.add(new Mounted(landing(volume.target()), volume.source()));
      }
    }
  }

  /** What a path leads to, links followed; empty when it leads nowhere. */
  Optional<Stat> stat(String inside) throws OsException {
    if (mounts.isEmpty()) {
      return rootfs.stat(inside);
    }
    try (Fd fd = handle(inside)) {
      return Optional.of(kernel.fstat(fd.number()));
    } catch (OsException e) {
      if (Rootfs.leadsNowhere(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A descriptor that names what a path leads to without opening it. */
  Fd handle(String inside) throws OsException {
    return mounts.isEmpty() ? rootfs.handle(inside, 0) : open(landing(inside));
  }

  Stat stat(Fd handle) throws OsException {
    return rootfs.stat(handle);
  }

  Optional<byte[]> readExactly(Fd handle, long position, int length) throws OsException {
    return rootfs.readExactly(handle, position, length);
  }

  /** Whether a path leads to files that the kernel makes up for each process. */
  boolean isMadeUp(String inside) throws OsException {
    try {
      String place = landing(inside);
      return place.startsWith("/proc/") || place.startsWith("/dev/") || place.startsWith("/sys/");
    } catch (OsException e) {
      if (Rootfs.leadsNowhere(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Whether binfmt_misc has an interpreter for files that the kernel itself does not know. */
  boolean hasEmulators() {
    try (Fd formats = Fd.open(kernel, BINFMT, Consts.O_RDONLY | Consts.O_DIRECTORY, 0)) {
      for (String name : kernel.list(formats.number())) {
        if (!name.equals("register") && !name.equals("status")) {
          return true;
        }
      }
      return false;
    } catch (OsException _) {
      return false; // not mounted, so nothing can have been registered
    }
  }

  /** Where a path leads in the whole tree, as {@link Rootfs#landing} does in the root alone. */
  private String landing(String inside) throws OsException {
    if (mounts.isEmpty()) {
      return rootfs.landing(inside);
    }
    Deque<String> ahead = new ArrayDeque<>();
    Rootfs.prepend(ahead, inside);
    Deque<String> behind = new ArrayDeque<>();
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.removeFirst();
      if (name.equals("..")) {
        behind.pollLast();
        continue;
      }
      behind.addLast(name);
      String link = link(Rootfs.join(behind));
      if (link != null) {
        if (++links > MAX_LINKS) {
          throw new OsException("open", inside, Errno.ELOOP);
        }
        behind.removeLast();
        if (link.startsWith("/")) {
          behind.clear();
        }
        Rootfs.prepend(ahead, link);
      }
    }
    return Rootfs.join(behind);
  }

  private @Nullable String link(String place) throws OsException {
    try (Fd fd = open(place)) {
      return kernel.fstat(fd.number()).isSymlink() ? kernel.readlinkat(fd.number(), "") : null;
    } catch (OsException e) {
      if (Rootfs.leadsNowhere(e)) {
        return null;
      }
      throw e;
    }
  }

  /** Opens a path without links, the last component excepted: in a volume, or in the root. */
  private Fd open(String place) throws OsException {
    // Of several volumes the one mounted last at or above the place is what is seen there.
    for (int i = mounts.size() - 1; i >= 0; i--) {
      Mounted mount = mounts.get(i);
      if (place.equals(mount.place())) {
        return source(mount, 0);
      }
      if (place.startsWith(mount.place() + "/")) {
        String below = place.substring(mount.place().length() + 1);
        int flags = Consts.O_PATH | Consts.O_CLOEXEC | Consts.O_NOFOLLOW;
        try (Fd top = source(mount, Consts.O_DIRECTORY)) {
          return new Fd(kernel, kernel.openat2(top.number(), below, flags, 0, NO_LINKS));
        }
      }
    }
    return rootfs.handle(place, Consts.O_NOFOLLOW);
  }

  private Fd source(Mounted mount, int flags) throws OsException {
    return Fd.open(kernel, mount.source().toString(), Consts.O_PATH | flags, 0);
  }
}
