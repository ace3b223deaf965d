package rkt.stage1.rootfs;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;

/** An app's root directory, open. Paths given to it are paths inside the app. */
public final class Rootfs implements AutoCloseable {
  private static final long CONFINED = Consts.RESOLVE_IN_ROOT | Consts.RESOLVE_NO_MAGICLINKS;

  /** As many as the kernel follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private final Kernel kernel;
  private final Path path;
  private final Fd root;

  private Rootfs(Kernel kernel, Path path, Fd root) {
    this.kernel = kernel;
    this.path = path;
    this.root = root;
  }

  /** Opens a root directory by its host path, whose parents are trusted. */
  public static Rootfs open(Kernel kernel, Path path) throws OsException {
    int flags = Consts.O_PATH | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    return new Rootfs(kernel, path, Fd.open(kernel, path.toString(), flags, 0));
  }

  /** The host path, for messages. */
  public Path path() {
    return path;
  }

  /** What a path leads to, links followed; empty when it leads nowhere. */
  public Optional<Stat> stat(String inside) throws OsException {
    try (Fd fd = handle(inside, 0)) {
      return Optional.of(kernel.fstat(fd.number()));
    } catch (OsException e) {
      if (leadsNowhere(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether something has this name, a dangling link included. */
  public boolean hasEntry(String inside) throws OsException {
    try (Fd fd = handle(inside, Consts.O_NOFOLLOW)) {
      return fd.isOpen();
    } catch (OsException e) {
      if (leadsNowhere(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Where a path leads once everything it goes through exists, as an absolute path without links.
   * Unlike a look-up this also answers for links to what is made later, such as {@code /proc}, and
   * does not follow those the image has below {@code /dev}, {@code /proc} and {@code /sys}: other
   * file systems will cover them.
   */
  public String landing(String inside) throws OsException {
    Deque<String> ahead = new ArrayDeque<>();
    prepend(ahead, inside);
    Deque<String> behind = new ArrayDeque<>();
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.removeFirst();
      if (name.equals("..")) {
        behind.pollLast();
        continue;
      }
      behind.addLast(name);
      String at = join(behind);
      String link = isCovered(at) ? null : link(at);
      if (link != null) {
        if (++links > MAX_LINKS) {
          throw new OsException("open", inside, Errno.ELOOP);
        }
        behind.removeLast();
        if (link.startsWith("/")) {
          behind.clear();
        }
        prepend(ahead, link);
      }
    }
    return join(behind);
  }

  private static boolean isCovered(String path) {
    return path.startsWith("/dev/") || path.startsWith("/proc/") || path.startsWith("/sys/");
  }

  static void prepend(Deque<String> ahead, String path) {
    int end = path.length();
    for (int i = path.length() - 1; i >= -1; i--) {
      if (i < 0 || path.charAt(i) == '/') {
        String name = path.substring(i + 1, end);
        if (!name.isEmpty() && !name.equals(".")) {
          ahead.addFirst(name);
        }
        end = i;
      }
    }
  }

  static String join(Deque<String> names) {
    return "/" + String.join("/", names);
  }

  /** The target of a link; null when there is something else or nothing. */
  private @Nullable String link(String inside) throws OsException {
    try (Fd fd = handle(inside, Consts.O_NOFOLLOW)) {
      return kernel.fstat(fd.number()).isSymlink() ? kernel.readlinkat(fd.number(), "") : null;
    } catch (OsException e) {
      if (leadsNowhere(e)) {
        return null;
      }
      throw e;
    }
  }

  /**
   * The start of a regular file.
   *
   * @param limit how many bytes at most
   * @return empty when the path leads nowhere or to something that is not a regular file
   */
  public Optional<byte[]> read(String inside, int limit) throws OsException {
    try (Fd fd = handle(inside, 0)) {
      Stat stat = kernel.fstat(fd.number());
      if (!stat.isRegular()) {
        return Optional.empty();
      }
      byte[] buffer = new byte[(int) Math.min(limit, Math.max(stat.size(), 0))];
      int length = readAt(fd, buffer, 0);
      return Optional.of(
          length == buffer.length ? buffer : java.util.Arrays.copyOf(buffer, length));
    } catch (OsException e) {
      if (leadsNowhere(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Part of a regular file.
   *
   * @return empty when it does not reach that far
   */
  Optional<byte[]> readExactly(Fd handle, long position, int length) throws OsException {
    // Positions come from the file itself; pread(2) calls an overflowing one an error.
    if (position < 0 || position > stat(handle).size() - length) {
      return Optional.empty();
    }
    byte[] buffer = new byte[length];
    return readAt(handle, buffer, position) == length ? Optional.of(buffer) : Optional.empty();
  }

  /**
   * A descriptor that names what is at a place without opening it.
   *
   * @param landing as {@link #landing} tells it; a link that has got there since is an error
   */
  public Fd at(String landing) throws OsException {
    int flags = Consts.O_PATH | Consts.O_CLOEXEC;
    long resolve = CONFINED | Consts.RESOLVE_NO_SYMLINKS;
    return new Fd(kernel, kernel.openat2(root.number(), relative(landing), flags, 0, resolve));
  }

  /** A descriptor that names a file without opening it. */
  Fd handle(String inside, int flags) throws OsException {
    int all = Consts.O_PATH | Consts.O_CLOEXEC | flags;
    return new Fd(kernel, kernel.openat2(root.number(), relative(inside), all, 0, CONFINED));
  }

  Stat stat(Fd handle) throws OsException {
    return kernel.fstat(handle.number());
  }

  private int readAt(Fd handle, byte[] buffer, long position) throws OsException {
    // The handle pins the inode that was found to be regular; /proc/self/fd opens just that one.
    String self = "/proc/self/fd/" + handle.number();
    try (Fd fd = Fd.open(kernel, self, Consts.O_RDONLY | Consts.O_NOCTTY | Consts.O_NONBLOCK, 0)) {
      int total = 0;
      while (total < buffer.length) {
        int count =
            kernel.pread(fd.number(), buffer, total, buffer.length - total, position + total);
        if (count == 0) {
          break;
        }
        total += count;
      }
      return total;
    }
  }

  /**
   * Makes a directory and its missing parents: where they are links that lead nowhere, what they
   * lead to inside the root.
   *
   * @param mode of the last one; parents get 0755
   * @return whether it was missing
   */
  public boolean makeDirectories(String inside, int mode) throws OsException {
    return stat(inside).isEmpty() && makeMissing(landing(inside), mode);
  }

  private boolean makeMissing(String inside, int mode) throws OsException {
    if (stat(inside).isPresent()) {
      return false;
    }
    int slash = inside.lastIndexOf('/');
    String parent = slash <= 0 ? "/" : inside.substring(0, slash);
    String name = inside.substring(slash + 1);
    if (name.isEmpty()) {
      return false;
    }
    if (!parent.equals("/")) {
      makeMissing(parent, 0755);
    }
    try (Fd directory = handle(parent, Consts.O_DIRECTORY)) {
      kernel.mkdirat(directory.number(), name, mode);
      if ((mode & 07000) != 0 || mode == 0777) {
        // mkdir(2) applies the umask and drops the sticky bit on some file systems.
        try (Fd made = child(directory, name)) {
          kernel.fchmod(made.number(), mode);
        }
      }
    } catch (OsException e) {
      // A dangling link has the name: leave it, whoever needs the directory will say so.
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    return true;
  }

  private Fd child(Fd directory, String name) throws OsException {
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW | Consts.O_CLOEXEC;
    return new Fd(kernel, kernel.openat(directory.number(), name, flags, 0));
  }

  /** Makes an empty file, and the directories it needs, when nothing has its name. */
  public void makeFile(String inside) throws OsException {
    int slash = inside.lastIndexOf('/');
    String parent = slash <= 0 ? "/" : inside.substring(0, slash);
    makeDirectories(parent, 0755);
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_CLOEXEC;
    try (Fd directory = handle(parent, Consts.O_DIRECTORY)) {
      String name = inside.substring(slash + 1);
      kernel.close(kernel.openat(directory.number(), name, flags, 0644));
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST) && !leadsNowhere(e)) {
        throw e;
      }
    }
  }

  /** Makes a symbolic link when its directory exists and nothing has its name. */
  public void makeLink(String inside, String target) throws OsException {
    int slash = inside.lastIndexOf('/');
    String parent = slash <= 0 ? "/" : inside.substring(0, slash);
    try (Fd directory = handle(parent, Consts.O_DIRECTORY)) {
      kernel.symlinkat(target, directory.number(), inside.substring(slash + 1));
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST) && !leadsNowhere(e)) {
        throw e;
      }
    }
  }

  private static String relative(String inside) {
    // An absolute path would do as well (RESOLVE_IN_ROOT), but the empty path needs a name.
    return inside.isEmpty() ? "." : inside;
  }

  /** Errors that mean "nothing usable there" and come from what the image contains. */
  static boolean leadsNowhere(OsException e) {
    return e.is(Errno.ENOENT)
        || e.is(Errno.ENOTDIR)
        || e.is(Errno.ELOOP)
        || e.is(Errno.ENAMETOOLONG)
        || e.is(Errno.EINVAL);
  }

  @Override
  public void close() throws OsException {
    root.close();
  }
}
