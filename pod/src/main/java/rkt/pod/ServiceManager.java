package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * What the service manager that started rkt says in its environment: {@code sd_listen_fds(3)},
 * {@code sd_notify(3)} and {@code sd_watchdog_enabled(3)}.
 *
 * @param sockets how many it passed, as descriptors from {@link #FIRST} on
 * @param names of the sockets, one each; empty when it gave none
 * @param notifySocket where it listens
 * @param watchdogMicros how often it wants to hear from the service
 */
public record ServiceManager(
    int sockets,
    List<String> names,
    Optional<String> notifySocket,
    Optional<String> watchdogMicros) {
  /** The first descriptor passed: {@code SD_LISTEN_FDS_START}. */
  static final int FIRST = 3;

  /** Nobody. */
  static final ServiceManager NONE =
      new ServiceManager(0, List.of(), Optional.empty(), Optional.empty());

  /** Variables that are for the process that was started, and for none below it. */
  public static final List<String> VARIABLES =
      List.of(
          "LISTEN_FDS",
          "LISTEN_FDNAMES",
          "LISTEN_PID",
          "LISTEN_PIDFDID",
          "NOTIFY_SOCKET",
          "WATCHDOG_PID",
          "WATCHDOG_USEC");

  /** As many descriptors as a process may have by default. */
  private static final int MOST_SOCKETS = 1024;

  /** Of {@code sockaddr_un}, without the byte that ends a path. */
  private static final int LONGEST_ADDRESS = 107;

  public ServiceManager {
    names = List.copyOf(names);
  }

  /**
   * Reads the environment.
   *
   * @param pid this process: sockets that are another's (a variable inherited by mistake) are none
   * @throws SchemaException when a service manager would not say so
   */
  public static ServiceManager of(Map<String, String> environment, int pid) {
    String own = Integer.toString(pid);
    int sockets = 0;
    List<String> names = List.of();
    if (own.equals(environment.get("LISTEN_PID"))) {
      sockets = number(environment.getOrDefault("LISTEN_FDS", "0"));
      names = names(environment.get("LISTEN_FDNAMES"), sockets);
    }
    Optional<String> notify = Optional.ofNullable(environment.get("NOTIFY_SOCKET"));
    Optional<String> watchdog = Optional.ofNullable(environment.get("WATCHDOG_USEC"));
    boolean ours = own.equals(environment.getOrDefault("WATCHDOG_PID", own));
    boolean usable = ours && watchdog.isPresent() && isNumber(watchdog.get(), 18);
    return new ServiceManager(sockets, names, notify, usable ? watchdog : Optional.empty());
  }

  private static int number(String text) {
    if (!isNumber(text, 4) || Integer.parseInt(text) > MOST_SOCKETS) {
      throw new SchemaException("LISTEN_FDS is not a number of sockets: " + Texts.quote(text));
    }
    return Integer.parseInt(text);
  }

  private static boolean isNumber(String text, int longest) {
    return !text.isEmpty() && text.length() <= longest && Texts.isDigits(text);
  }

  private static List<String> names(@org.jspecify.annotations.Nullable String text, int sockets) {
    if (text == null || sockets == 0) {
      return List.of();
    }
    List<String> names = new ArrayList<>(sockets);
    int from = 0;
    for (int to = text.indexOf(':'); to >= 0; to = text.indexOf(':', from)) {
      names.add(text.substring(from, to));
      from = to + 1;
    }
    names.add(text.substring(from));
    if (names.size() != sockets) {
      throw new SchemaException(
          "LISTEN_FDNAMES names "
              + names.size()
              + " sockets, LISTEN_FDS says "
              + sockets
              + ": "
              + Texts.quote(text));
    }
    return names;
  }

  /** Whether the supervisor can send to {@link #notifySocket}: a path, or an abstract name. */
  boolean isNotifiable() {
    String address = notifySocket.orElse("");
    int length = address.getBytes(StandardCharsets.UTF_8).length;
    return length > 1
        && length <= LONGEST_ADDRESS
        && (address.charAt(0) == '/' || address.charAt(0) == '@');
  }

  /** The name of a descriptor; empty when it has none. */
  String name(int fd) {
    return names.isEmpty() ? "" : names.get(fd - FIRST);
  }
}
