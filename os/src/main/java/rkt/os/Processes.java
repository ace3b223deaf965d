package rkt.os;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Other processes, as {@code /proc} shows them. A process may end between any two calls: each
 * answer is empty then, not an error. A PID is reused: keep {@link Status#startTime} with it, or a
 * pidfd.
 */
public final class Processes {
  private static final int LIMIT = 4 << 20;

  private final Kernel kernel;
  private final String proc;

  /** The processes of this PID namespace. */
  public Processes(Kernel kernel) {
    this(kernel, "/proc");
  }

  /** Those of another {@code /proc}. */
  public Processes(Kernel kernel, String proc) {
    this.kernel = kernel;
    this.proc = proc;
  }

  /**
   * What {@code /proc/PID/stat} tells.
   *
   * @param state one letter; {@code Z}: ended, but its parent has not looked yet
   * @param startTime clock ticks since boot
   */
  public record Status(int pid, String comm, char state, int parent, long startTime) {
    /** Whether it still executes. */
    public boolean isRunning() {
      return state != 'Z' && state != 'X';
    }
  }

  /** Whether there is such a process, zombies included. */
  public boolean exists(int pid) {
    return status(pid).isPresent();
  }

  public Optional<Status> status(int pid) {
    return read(pid, "stat").flatMap(b -> parseStat(pid, new String(b, StandardCharsets.UTF_8)));
  }

  /** Clock ticks since boot at which it started. */
  public Optional<Long> startTime(int pid) {
    return status(pid).map(Status::startTime);
  }

  /** The name of the program, at most 15 bytes. */
  public Optional<String> comm(int pid) {
    return status(pid).map(Status::comm);
  }

  static Optional<Status> parseStat(int pid, String stat) {
    // 1 (a) b) c) S 0 ...: the name may contain anything, so it ends at the last parenthesis.
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    if (open < 0 || close < open || close + 2 >= stat.length()) {
      return Optional.empty();
    }
    int field = 3;
    int from = close + 2;
    int parent = -1;
    long start = -1;
    try {
      while (start < 0 && from < stat.length()) {
        int to = stat.indexOf(' ', from);
        to = to < 0 ? stat.length() : to;
        if (field == 4) {
          parent = Integer.parseInt(stat.substring(from, to));
        } else if (field == 22) {
          start = Long.parseLong(stat.substring(from, to));
        }
        field++;
        from = to + 1;
      }
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    if (start < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Status(pid, stat.substring(open + 1, close), stat.charAt(close + 2), parent, start));
  }

  /** Its children, of all its threads. */
  public List<Integer> childrenOf(int pid) throws OsException {
    // /proc/PID/task/TID/children depends on a kernel option and may omit some: parents never lie.
    List<Integer> children = new ArrayList<>();
    for (int candidate : all()) {
      Optional<Status> status = status(candidate);
      if (status.isPresent() && status.get().parent() == pid) {
        children.add(candidate);
      }
    }
    return children;
  }

  /** The PIDs of all processes. */
  public List<Integer> all() throws OsException {
    List<Integer> pids = new ArrayList<>();
    try (Fd dir = Fd.directory(kernel, proc)) {
      for (String name : kernel.list(dir.number())) {
        if (isNumber(name)) {
          pids.add(Integer.valueOf(name));
        }
      }
    }
    return pids;
  }

  /** Its environment as it was at its start, empty also when we may not look. */
  public Map<String, String> environment(int pid) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String entry : strings(pid, "environ")) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        environment.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return environment;
  }

  /** Its arguments; empty for kernel threads and zombies. */
  public List<String> arguments(int pid) {
    return strings(pid, "cmdline");
  }

  private List<String> strings(int pid, String file) {
    List<String> strings = new ArrayList<>();
    byte[] b = read(pid, file).orElse(new byte[0]);
    int start = 0;
    for (int i = 0; i < b.length; i++) {
      if (b[i] == 0) {
        strings.add(FileNames.decode(b, start, i - start));
        start = i + 1;
      }
    }
    if (start < b.length) {
      strings.add(FileNames.decode(b, start, b.length - start));
    }
    return strings;
  }

  /**
   * Which namespace of a kind ({@code mnt}, {@code pid}, ...) it is in, as {@code
   * mnt:[4026531841]}.
   */
  public Optional<String> namespace(int pid, String kind) {
    try {
      return Optional.of(kernel.readlinkat(Consts.AT_FDCWD, proc + "/" + pid + "/ns/" + kind));
    } catch (OsException e) {
      return Optional.empty();
    }
  }

  private Optional<byte[]> read(int pid, String file) {
    try {
      return Optional.of(SmallFiles.read(kernel, proc + "/" + pid + "/" + file, LIMIT));
    } catch (OsException e) {
      // Gone (ENOENT, ESRCH) or not ours to see (EACCES): both mean that nothing is known of it.
      return Optional.empty();
    }
  }

  private static boolean isNumber(String s) {
    for (int i = 0; i < s.length(); i++) {
      if (s.charAt(i) < '0' || s.charAt(i) > '9') {
        return false;
      }
    }
    return !s.isEmpty() && s.length() < 10;
  }
}
