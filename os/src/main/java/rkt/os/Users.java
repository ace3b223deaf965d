package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Users and groups of {@code etc/passwd} and {@code etc/group}, of the host or inside an image.
 *
 * <p>An image is hostile: its files are opened with the image's root as the root of resolution, so
 * a symbolic link {@code etc/passwd -> /etc/shadow} stays inside, a FIFO does not block, and a file
 * beyond 16 MiB is refused.
 */
public final class Users {
  private static final int LIMIT = 16 << 20;

  private final List<String> passwd;
  private final List<String> group;

  /** A line of {@code passwd}. */
  public record User(String name, int uid, int gid, String home, String shell) {}

  private Users(List<String> passwd, List<String> group) {
    this.passwd = passwd;
    this.group = group;
  }

  /** The host's files (not NSS: no network directory is asked). */
  public static Users host(Kernel kernel) throws OsException {
    return below(kernel, "/");
  }

  /** The files of the root file system at a path; a missing file is empty. */
  public static Users below(Kernel kernel, String root) throws OsException {
    try (Fd dir = Fd.open(kernel, root, Consts.O_PATH | Consts.O_DIRECTORY, 0)) {
      return new Users(
          lines(kernel, dir, root, "etc/passwd"), lines(kernel, dir, root, "etc/group"));
    }
  }

  private static List<String> lines(Kernel kernel, Fd root, String rootPath, String path)
      throws OsException {
    long flags = Consts.O_RDONLY | Consts.O_CLOEXEC | Consts.O_NONBLOCK | Consts.O_NOCTTY;
    long resolve = Consts.RESOLVE_IN_ROOT | Consts.RESOLVE_NO_MAGICLINKS;
    byte[] content;
    String shown = rootPath.endsWith("/") ? rootPath + path : rootPath + "/" + path;
    try (Fd fd = new Fd(kernel, kernel.openat2(root.number(), path, flags, 0, resolve))) {
      if (!kernel.fstat(fd.number()).isRegular()) {
        throw new OsException("read", shown, Errno.EINVAL);
      }
      content = SmallFiles.read(kernel, fd, shown, LIMIT);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return List.of();
      }
      throw new OsException(e.syscall(), shown, e.errno());
    }
    return split(new String(content, StandardCharsets.UTF_8), '\n');
  }

  /** The numeric id of a group. */
  public OptionalInt groupId(String name) {
    for (String line : group) {
      List<String> fields = split(line, ':');
      if (fields.size() >= 3 && fields.getFirst().equals(name)) {
        return number(fields.get(2));
      }
    }
    return OptionalInt.empty();
  }

  public Optional<User> user(String name) {
    for (String line : passwd) {
      Optional<User> user = parse(line);
      if (user.isPresent() && user.get().name().equals(name)) {
        return user;
      }
    }
    return Optional.empty();
  }

  public Optional<User> user(int uid) {
    for (String line : passwd) {
      Optional<User> user = parse(line);
      if (user.isPresent() && user.get().uid() == uid) {
        return user;
      }
    }
    return Optional.empty();
  }

  /** The groups that list the user as a member, besides the one in {@code passwd}. */
  public List<Integer> supplementaryGroups(String userName) {
    List<Integer> gids = new ArrayList<>();
    for (String line : group) {
      List<String> fields = split(line, ':');
      if (fields.size() >= 4 && split(fields.get(3), ',').contains(userName)) {
        OptionalInt gid = number(fields.get(2));
        if (gid.isPresent() && !gids.contains(gid.getAsInt())) {
          gids.add(gid.getAsInt());
        }
      }
    }
    return gids;
  }

  private static Optional<User> parse(String line) {
    List<String> f = split(line, ':');
    if (f.size() < 7 || f.getFirst().isEmpty()) {
      return Optional.empty();
    }
    OptionalInt uid = number(f.get(2));
    OptionalInt gid = number(f.get(3));
    if (uid.isEmpty() || gid.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new User(f.getFirst(), uid.getAsInt(), gid.getAsInt(), f.get(5), f.get(6)));
  }

  /** Ids go up to 2^32-2; like the kernel's, those above 2^31 are negative here. */
  private static OptionalInt number(String s) {
    if (s.isEmpty() || s.length() > 10) {
      return OptionalInt.empty();
    }
    long value = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c < '0' || c > '9') {
        return OptionalInt.empty();
      }
      value = value * 10 + (c - '0');
    }
    // (uid_t) -1 means "leave as it is" to chown(2) and setresuid(2): never an identity.
    return value >= 0xffffffffL ? OptionalInt.empty() : OptionalInt.of((int) value);
  }

  private static List<String> split(String s, char separator) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (from <= s.length()) {
      int to = s.indexOf(separator, from);
      to = to < 0 ? s.length() : to;
      parts.add(s.substring(from, to));
      from = to + 1;
    }
    return parts;
  }
}
