package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Rlimit;

/** Limits that no app could start with, or that this process may not set. */
final class LimitChecks {
  private static final int LIMIT = 1 << 16;
  private static final int CAP_SYS_RESOURCE = 24;

  /** Measured: below these the runtime's own first process is killed. */
  private static final long CRUN_MEMORY = 512 << 10;

  private static final long RUNC_MEMORY = 6 << 20;

  private final Kernel kernel;
  private final RuntimeChoice runtime;

  LimitChecks(Kernel kernel, RuntimeChoice runtime) {
    this.kernel = kernel;
    this.runtime = runtime;
  }

  void pod(PodLimits limits) throws EngineException {
    resources("the pod", limits.resources());
  }

  void app(AppPlan app, Optional<Integer> oomScoreAdj) throws EngineException {
    String whose = "app \"" + app.spec().name() + "\"";
    resources(whose, app.isolators().resources());
    if (oomScoreAdj.isPresent()) {
      oomScoreAdj(whose, oomScoreAdj.get());
    }
    if (!app.isolators().rlimits().isEmpty()) {
      rlimits(whose, app.isolators().rlimits());
    }
  }

  private void resources(String whose, Resources resources) throws EngineException {
    long memory = runtime.isCrun() ? CRUN_MEMORY : RUNC_MEMORY;
    if (resources.memory().isPresent() && resources.memory().get() < memory) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "cannot limit " + whose,
          "memory limit of " + resources.memory().get() + " bytes too low to start an app",
          runtime.name() + " needs at least " + memory + " bytes (" + (memory >> 10) + "Ki)");
    }
  }

  private void oomScoreAdj(String whose, int score) throws EngineException {
    int own;
    try {
      own = Integer.parseInt(SmallFiles.readText(kernel, "/proc/self/oom_score_adj", 64).strip());
    } catch (OsException | NumberFormatException e) {
      throw unknown("/proc/self/oom_score_adj", e);
    }
    if (score < own && !mayExceed()) {
      throw EngineException.of(
          ErrorCode.PERMISSION,
          "cannot set the OOM score adjustment of " + whose,
          score + " is below rkt's own, " + own + ", and rkt lacks the capability CAP_SYS_RESOURCE",
          "use " + own + " or more");
    }
  }

  private void rlimits(String whose, Map<String, Rlimit> limits) throws EngineException {
    boolean free = mayExceed();
    String own = free ? "" : read("/proc/self/limits");
    for (Map.Entry<String, Rlimit> entry : limits.entrySet()) {
      long hard = entry.getValue().hard();
      if (!free) {
        long most = hardLimit(own, label(entry.getKey()));
        if (Rlimit.exceeds(hard, most)) {
          throw EngineException.of(
              ErrorCode.PERMISSION,
              "cannot set resource limits of " + whose,
              "hard limit "
                  + Rlimit.text(hard)
                  + " of "
                  + entry.getKey()
                  + " exceeds rkt's own, "
                  + Rlimit.text(most)
                  + ", and rkt lacks the capability CAP_SYS_RESOURCE",
              "use at most " + Rlimit.text(most));
        }
      }
      if (entry.getKey().equals("nofile")) {
        nofile(whose, hard);
      }
    }
  }

  /** The kernel refuses more with EPERM, whatever the privileges. */
  private void nofile(String whose, long hard) throws EngineException {
    long most = number(read("/proc/sys/fs/nr_open").strip(), Long.MAX_VALUE);
    if (Rlimit.exceeds(hard, most)) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "cannot set resource limits of " + whose,
          "hard limit "
              + Rlimit.text(hard)
              + " of nofile exceeds the machine's fs.nr_open, "
              + most,
          "use at most " + most);
    }
  }

  private boolean mayExceed() throws EngineException {
    String status = read("/proc/self/status");
    int at = status.indexOf("CapEff:");
    int end = at < 0 ? -1 : status.indexOf('\n', at);
    if (end < 0) {
      return true; // the runtime will tell
    }
    String hex = status.substring(at + "CapEff:".length(), end).strip();
    return (Long.parseUnsignedLong(hex, 16) >>> CAP_SYS_RESOURCE & 1) != 0;
  }

  private String read(String file) throws EngineException {
    try {
      return SmallFiles.readText(kernel, file, LIMIT);
    } catch (OsException e) {
      throw unknown(file, e);
    }
  }

  private static EngineException unknown(String file, Exception e) {
    return new EngineException(
        ErrorCode.SYSTEM,
        "cannot find out which limits may be set, from " + file,
        String.valueOf(e.getMessage()),
        "check that /proc is mounted and readable",
        e);
  }

  /** The last but one column of a line of {@code /proc/self/limits}, or the last without units. */
  static long hardLimit(String limits, String label) {
    int at = limits.indexOf(label + "  ");
    if (at < 0) {
      return Rlimit.UNLIMITED;
    }
    int end = limits.indexOf('\n', at);
    String line = limits.substring(at + label.length(), end < 0 ? limits.length() : end);
    List<String> words = new ArrayList<>(3);
    for (int i = 0; i < line.length(); ) {
      int to = i;
      while (to < line.length() && line.charAt(to) != ' ') {
        to++;
      }
      if (to > i) {
        words.add(line.substring(i, to));
      }
      i = to + 1;
    }
    return words.size() < 2 ? Rlimit.UNLIMITED : number(words.get(1), Rlimit.UNLIMITED);
  }

  private static long number(String text, long otherwise) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      return otherwise; // "unlimited"
    }
  }

  /** What proc(5) calls a limit. */
  private static String label(String name) {
    return switch (name) {
      case "as" -> "Max address space";
      case "core" -> "Max core file size";
      case "cpu" -> "Max cpu time";
      case "data" -> "Max data size";
      case "fsize" -> "Max file size";
      case "locks" -> "Max file locks";
      case "memlock" -> "Max locked memory";
      case "msgqueue" -> "Max msgqueue size";
      case "nice" -> "Max nice priority";
      case "nofile" -> "Max open files";
      case "nproc" -> "Max processes";
      case "rss" -> "Max resident set";
      case "rtprio" -> "Max realtime priority";
      case "rttime" -> "Max realtime timeout";
      case "sigpending" -> "Max pending signals";
      case "stack" -> "Max stack size";
      default -> name;
    };
  }
}
