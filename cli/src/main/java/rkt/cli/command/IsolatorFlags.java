package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.schema.SchemaException;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Quantity;
import rkt.schema.appc.Rlimit;
import rkt.stage1.Sysctls;

/**
 * The flags that limit one app, and the isolators they come to. Of a flag given twice for an image
 * the last value counts; {@code --ulimit} adds up by resource.
 */
final class IsolatorFlags {
  private static final long LOWEST_MEMORY = 4096;

  private @Nullable IsolatorValue memory;
  private @Nullable IsolatorValue cpu;
  private @Nullable IsolatorValue pids;
  private @Nullable IsolatorValue shares;
  private @Nullable IsolatorValue oomScoreAdj;
  private @Nullable IsolatorValue retain;
  private @Nullable IsolatorValue remove;
  private @Nullable IsolatorValue seccomp;
  private final Map<String, Rlimit> rlimits = new TreeMap<>();

  /** Adds the flags to a table. */
  static void flags(FlagSet flags) {
    flags
        .add(
            text(
                "memory", "memory limit for the preceding image (example: '--memory=16Mi', '50M')"))
        .add(text("cpu", "cpu limit for the preceding image (example: '--cpu=500m')"))
        .add(
            text(
                "cpu-shares",
                "cpu-shares assigns the specified cpu time share weight (example:"
                    + " '--cpu-shares=2048')"))
        .add(
            text(
                "pids-limit",
                "limit the processes and threads of the preceding image (example:"
                    + " '--pids-limit=100')"))
        .add(
            text(
                "oom-score-adj",
                "adjust /proc/$pid/oom_score_adj, the preference of the out-of-memory killer, -1000"
                    + " to 1000"))
        .add(
            Flag.repeated(
                    "ulimit",
                    "set a resource limit of the preceding image's processes (example:"
                        + " '--ulimit=nofile=1024:4096')")
                .forEachApp())
        .add(
            text(
                "caps-retain",
                "capability to retain (example: '--caps-retain=CAP_SYS_ADMIN'); all others are"
                    + " taken away"))
        .add(text("caps-remove", "capability to remove (example: '--caps-remove=CAP_MKNOD')"))
        .add(text("cap-retain", "capability to retain").deprecated("use --caps-retain instead"))
        .add(text("cap-remove", "capability to remove").deprecated("use --caps-remove instead"))
        .add(
            text(
                "seccomp",
                "seccomp filter override (example: '--seccomp"
                    + " mode=retain,errno=EPERM,chmod,chown')"));
  }

  /** The flag that limits the whole pod. */
  static void podFlags(FlagSet flags) {
    flags.add(
        Flag.pair(
            "sysctl",
            "set a kernel parameter of the pod's namespaces (example:"
                + " '--sysctl=net.core.somaxconn=1024')"));
  }

  private static Flag text(String name, String usage) {
    return Flag.text(name, "", usage).forEachApp();
  }

  /**
   * Takes a flag.
   *
   * @return whether it is one of these
   */
  boolean set(String flag, String value) throws UsageException {
    switch (flag) {
      case "memory" -> memory = memory(value);
      case "cpu" -> {
        Optional<Quantity> cpus = Optional.of(new Quantity(value));
        cpu = new IsolatorValue.ResourceCpu(cpus, cpus, false);
      }
      case "pids-limit" ->
          pids =
              new IsolatorValue.ResourcePids(
                  Optional.empty(), Optional.of(new Quantity(value)), false);
      case "cpu-shares" -> shares = new IsolatorValue.CpuShares(integer(value));
      case "oom-score-adj" -> oomScoreAdj = new IsolatorValue.OomScoreAdj(integer(value));
      case "ulimit" -> ulimit(value);
      case "caps-retain", "cap-retain" -> {
        retain = new IsolatorValue.CapabilitiesRetain(names(value));
        notBoth();
      }
      case "caps-remove", "cap-remove" -> {
        remove = new IsolatorValue.CapabilitiesRemove(names(value));
        notBoth();
      }
      case "seccomp" -> seccomp = SeccompFlag.parse(value);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static IsolatorValue memory(String value) throws UsageException {
    Quantity limit = new Quantity(value);
    long bytes = limit.ceilValue();
    if (bytes < LOWEST_MEMORY) {
      throw new UsageException(
          "memory limit of "
              + bytes
              + " bytes too low, the minimum is "
              + LOWEST_MEMORY
              + " bytes (try a reasonable value, such as 128Mi)");
    }
    return new IsolatorValue.ResourceMemory(Optional.of(limit), Optional.of(limit), false);
  }

  private static int integer(String value) throws UsageException {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new UsageException(Values.quote(value) + " is not an integer");
    }
  }

  /** Comma-separated names; none at all is no set. */
  private static List<String> names(String value) {
    return value.isEmpty() ? List.of() : FlagSet.split(value, ',');
  }

  private void notBoth() throws UsageException {
    if (retain != null && remove != null) {
      throw new UsageException(
          "error: cannot use both --caps-retain and --caps-remove on the same image");
    }
  }

  private void ulimit(String value) throws UsageException {
    int equals = value.indexOf('=');
    if (equals < 1) {
      throw new UsageException("must be specified as NAME=SOFT or NAME=SOFT:HARD");
    }
    String name = value.substring(0, equals);
    String limits = value.substring(equals + 1);
    int colon = limits.indexOf(':');
    long soft = Rlimit.value(colon < 0 ? limits : limits.substring(0, colon));
    long hard = colon < 0 ? soft : Rlimit.value(limits.substring(colon + 1));
    Rlimit limit = new Rlimit(soft, hard);
    // For its check of the name.
    var unused = new IsolatorValue.Rlimits(Map.of(name, limit));
    rlimits.put(name, limit);
  }

  /** The isolators of the app, in an order that does not depend on that of the flags. */
  List<Isolator> isolators() {
    List<Isolator> out = new ArrayList<>(2);
    add(out, memory);
    add(out, cpu);
    add(out, pids);
    add(out, shares);
    add(out, oomScoreAdj);
    add(out, rlimits.isEmpty() ? null : new IsolatorValue.Rlimits(rlimits));
    add(out, retain);
    add(out, remove);
    add(out, seccomp);
    return out;
  }

  private static void add(List<Isolator> out, @Nullable IsolatorValue value) {
    if (value != null) {
      out.add(Isolator.of(value));
    }
  }

  /** The isolators of the whole pod. */
  static List<Isolator> podIsolators(FlagSet flags) throws UsageException {
    List<String> given = flags.all("sysctl");
    if (given.isEmpty()) {
      return List.of();
    }
    Map<String, String> values = new TreeMap<>();
    for (String pair : given) {
      int equals = pair.indexOf('=');
      String name = pair.substring(0, equals);
      Optional<String> obstacle = Sysctls.obstacle(name, pair.substring(equals + 1));
      if (obstacle.isPresent()) {
        throw new UsageException("invalid value for --sysctl: " + obstacle.get());
      }
      values.put(Sysctls.dotted(name), pair.substring(equals + 1));
    }
    try {
      return List.of(Isolator.of(new IsolatorValue.Sysctl(values)));
    } catch (SchemaException e) {
      throw new UsageException("invalid value for --sysctl: " + e.getMessage());
    }
  }
}
