package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of a mount namespace at one moment, in the order of {@code mountinfo} (proc(5)): a
 * later mount on the same point hides an earlier one.
 */
public record MountTable(List<Mount> mounts) {
  private static final int LIMIT = 64 << 20;

  /**
   * One mount.
   *
   * @param device {@code major:minor}
   * @param root the directory of the file system that shows up at the mount point
   * @param options options of the mount itself, comma separated
   * @param propagation optional fields such as {@code shared:1} and {@code master:2}; empty:
   *     private
   * @param superOptions options of the file system, comma separated
   */
  public record Mount(
      int id,
      int parent,
      String device,
      String root,
      String mountPoint,
      String options,
      List<String> propagation,
      String type,
      String source,
      String superOptions) {
    public Mount {
      propagation = List.copyOf(propagation);
    }

    public boolean isShared() {
      for (String field : propagation) {
        if (field.startsWith("shared:")) {
          return true;
        }
      }
      return false;
    }

    /** Whether the file system has this option, as a whole word. */
    public boolean hasSuperOption(String option) {
      return ("," + superOptions + ",").contains("," + option + ",");
    }
  }

  public MountTable {
    mounts = List.copyOf(mounts);
  }

  /**
   * The mounts the calling thread sees. {@code /proc/self} would show those of the main thread,
   * which differ once this thread has unshared its mount namespace.
   */
  public static MountTable current(Kernel kernel) throws OsException {
    return read(kernel, "/proc/thread-self/mountinfo");
  }

  /** The mounts that a process sees. */
  public static MountTable of(Kernel kernel, int pid) throws OsException {
    return read(kernel, "/proc/" + pid + "/mountinfo");
  }

  /** Reads a file in the format of {@code mountinfo}. */
  public static MountTable read(Kernel kernel, String path) throws OsException {
    return parse(SmallFiles.read(kernel, path, LIMIT));
  }

  /** Parses {@code mountinfo}; lines that do not follow its grammar are left out. */
  public static MountTable parse(byte[] mountinfo) {
    List<Mount> mounts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= mountinfo.length; i++) {
      if (i == mountinfo.length || mountinfo[i] == '\n') {
        parseLine(mountinfo, start, i).ifPresent(mounts::add);
        start = i + 1;
      }
    }
    return new MountTable(mounts);
  }

  private static Optional<Mount> parseLine(byte[] b, int start, int end) {
    List<String> fields = new ArrayList<>(12);
    int from = start;
    for (int i = start; i <= end; i++) {
      if (i == end || b[i] == ' ') {
        fields.add(unescape(b, from, i));
        from = i + 1;
      }
    }
    // 36 35 98:0 /root /mnt rw,noatime master:1 ... - ext3 /dev/root rw,errors=continue
    int dash = 6;
    while (dash < fields.size() && !fields.get(dash).equals("-")) {
      dash++;
    }
    if (dash + 3 >= fields.size()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Mount(
              Integer.parseInt(fields.get(0)),
              Integer.parseInt(fields.get(1)),
              fields.get(2),
              fields.get(3),
              fields.get(4),
              fields.get(5),
              fields.subList(6, dash),
              fields.get(dash + 1),
              fields.get(dash + 2),
              fields.get(dash + 3)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Space, tab, newline and backslash are written as three octal digits. */
  private static String unescape(byte[] b, int from, int to) {
    byte[] out = new byte[to - from];
    int n = 0;
    for (int i = from; i < to; i++) {
      if (b[i] == '\\'
          && i + 3 < to
          && isOctal(b[i + 1])
          && isOctal(b[i + 2])
          && isOctal(b[i + 3])) {
        out[n++] = (byte) ((b[i + 1] - '0') << 6 | (b[i + 2] - '0') << 3 | (b[i + 3] - '0'));
        i += 3;
      } else {
        out[n++] = b[i];
      }
    }
    return decode(out, n);
  }

  private static boolean isOctal(byte c) {
    return c >= '0' && c <= '7';
  }

  private static String decode(byte[] b, int length) {
    for (int i = 0; i < length; i++) {
      if (b[i] < 0) {
        return FileNames.decode(b, 0, length);
      }
    }
    return new String(b, 0, length, StandardCharsets.US_ASCII);
  }

  /**
   * The mounts at and below an absolute path, deepest first: the order in which to unmount them.
   */
  public List<Mount> mountsBelow(String path) {
    String base = trim(path);
    List<Mount> below = new ArrayList<>();
    for (int i = mounts.size() - 1; i >= 0; i--) {
      Mount mount = mounts.get(i);
      if (isAtOrBelow(base, mount.mountPoint())) {
        below.add(mount);
      }
    }
    // A mount never precedes its parent in the table, except after being moved: sort by depth, and
    // keep the reverse order of the table among equals (stable sort).
    below.sort((a, b) -> depth(b.mountPoint()) - depth(a.mountPoint()));
    return below;
  }

  /** The mount that hides all others at exactly this mount point. */
  public Optional<Mount> at(String mountPoint) {
    String base = trim(mountPoint);
    for (int i = mounts.size() - 1; i >= 0; i--) {
      if (mounts.get(i).mountPoint().equals(base)) {
        return Optional.of(mounts.get(i));
      }
    }
    return Optional.empty();
  }

  private static boolean isAtOrBelow(String base, String path) {
    if (base.equals("/")) {
      return true;
    }
    return path.startsWith(base)
        && (path.length() == base.length() || path.charAt(base.length()) == '/');
  }

  private static int depth(String path) {
    int depth = 0;
    for (int i = 0; i < path.length() - 1; i++) {
      if (path.charAt(i) == '/') {
        depth++;
      }
    }
    return path.length() > 1 ? depth + 1 : 0;
  }

  private static String trim(String path) {
    int end = path.length();
    while (end > 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
