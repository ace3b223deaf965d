package rkt.stage1.rootfs;

import java.util.List;
import java.util.Optional;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * Who an app runs as.
 *
 * @param uid unsigned 32 bits
 * @param gid unsigned 32 bits
 */
public record AppUser(long uid, long gid) {
  /** More than the largest directory services put there; a hostile file is not read further. */
  static final int MAX_ACCOUNT_FILE = 4 << 20;

  private static final long MAX_ID = 0xfffffffeL; // -1 means "leave unchanged" to the kernel

  /** Whether the app runs as root. */
  public boolean isRoot() {
    return uid == 0;
  }

  /**
   * Resolves user and group: the literal {@code root} or a number, the owner of a path, or a name
   * in the image's own files.
   *
   * @param primaryGroup whether a group that equals the user may be the user's primary group, as in
   *     images made from Docker's, which name a user alone
   */
  public static AppUser resolve(Rootfs rootfs, String user, String group, boolean primaryGroup)
      throws EngineException {
    long uid = uid(rootfs, user);
    Optional<Long> gid = gid(rootfs, group);
    if (gid.isEmpty() && primaryGroup && user.equals(group)) {
      gid = Optional.of(primaryGroup(rootfs, user, uid));
    }
    if (gid.isEmpty()) {
      throw failure("group", group, "no such group in the image's /etc/group", "--group");
    }
    return new AppUser(uid, gid.get());
  }

  private static long uid(Rootfs rootfs, String user) throws EngineException {
    Optional<Long> literal = literal("user", user);
    if (literal.isPresent()) {
      return literal.get();
    }
    if (user.startsWith("/")) {
      return owner(rootfs, "user", user).uid() & 0xffffffffL;
    }
    Optional<List<String>> entry =
        AccountFile.find(read(rootfs, "/etc/passwd", "user", user), user);
    if (entry.isEmpty()) {
      throw failure("user", user, "no such user in the image's /etc/passwd", "--user");
    }
    return number("user", user, entry.get().get(2));
  }

  private static Optional<Long> gid(Rootfs rootfs, String group) throws EngineException {
    Optional<Long> literal = literal("group", group);
    if (literal.isPresent()) {
      return literal;
    }
    if (group.startsWith("/")) {
      return Optional.of(owner(rootfs, "group", group).gid() & 0xffffffffL);
    }
    Optional<List<String>> entry =
        AccountFile.find(read(rootfs, "/etc/group", "group", group), group);
    return entry.isEmpty()
        ? Optional.empty()
        : Optional.of(number("group", group, entry.get().get(2)));
  }

  private static long primaryGroup(Rootfs rootfs, String user, long uid) throws EngineException {
    byte[] passwd = read(rootfs, "/etc/passwd", "group", user);
    Optional<List<String>> entry = AccountFile.find(passwd, user);
    if (entry.isEmpty()) {
      entry = AccountFile.findNumber(passwd, uid);
    }
    return entry.isEmpty() ? uid : number("group", user, entry.get().get(3));
  }

  private static Optional<Long> literal(String kind, String text) throws EngineException {
    if (text.equals("root")) {
      return Optional.of(0L);
    }
    int start = text.startsWith("-") ? 1 : 0;
    if (text.length() == start) {
      throw failure(kind, text, "Invalid uid or gid", "--" + kind);
    }
    for (int i = start; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(number(kind, text, text));
  }

  private static long number(String kind, String name, String digits) throws EngineException {
    try {
      long value = Long.parseLong(digits);
      if (value >= 0 && value <= MAX_ID) {
        return value;
      }
    } catch (NumberFormatException _) {
      // falls through to the same message as a number out of range
    }
    throw failure(kind, name, "Invalid uid or gid", "--" + kind);
  }

  private static Stat owner(Rootfs rootfs, String kind, String path) throws EngineException {
    try {
      Optional<Stat> stat = rootfs.stat(path);
      if (stat.isPresent()) {
        return stat.get();
      }
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM, attempted(kind, path), String.valueOf(e.getMessage()), "", e);
    }
    throw failure(kind, path, "no such file in the image", "--" + kind);
  }

  private static byte[] read(Rootfs rootfs, String file, String kind, String name)
      throws EngineException {
    try {
      return rootfs.read(file, MAX_ACCOUNT_FILE).orElse(new byte[0]);
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM, attempted(kind, name), String.valueOf(e.getMessage()), "", e);
    }
  }

  private static String attempted(String kind, String name) {
    return "failed to configure " + kind + " \"" + name + "\"";
  }

  private static EngineException failure(String kind, String name, String why, String flag) {
    return EngineException.of(
        ErrorCode.INVALID,
        attempted(kind, name),
        why,
        "give a number or a name the image knows with " + flag);
  }
}
