package rkt.stage1;

import java.util.List;
import java.util.Optional;

/**
 * Kernel parameters a pod may set: those of which its own namespaces have a copy. All others are
 * the machine's, and every other pod's.
 */
public final class Sysctls {
  /** Of the IPC namespace; ipc_namespaces(7). */
  private static final List<String> IPC =
      List.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private static final String DOMAIN_NAME = "kernel.domainname";
  private static final int LONGEST = 256;

  private Sysctls() {}

  /** The name with dots where sysctl(8) also takes slashes. */
  public static String dotted(String name) {
    int slash = name.indexOf('/');
    int dot = name.indexOf('.');
    // As sysctl(8): what comes first separates, the other stands for itself.
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      return name;
    }
    char[] swapped = name.toCharArray();
    for (int i = 0; i < swapped.length; i++) {
      swapped[i] = swapped[i] == '/' ? '.' : swapped[i] == '.' ? '/' : swapped[i];
    }
    return new String(swapped);
  }

  /** Why no pod can set this parameter. */
  public static Optional<String> obstacle(String given, String value) {
    String name = dotted(given);
    String quoted = "kernel parameter \"" + given + "\"";
    if (!isName(name)) {
      return Optional.of(quoted + " is not a name such as net.core.somaxconn");
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' && value.charAt(i) != '\t') {
        return Optional.of("the value of " + quoted + " contains control characters");
      }
    }
    if (name.equals("kernel.hostname")) {
      return Optional.of(quoted + " is set by --hostname");
    }
    if (isIpc(name) || name.equals(DOMAIN_NAME) || name.startsWith("net.")) {
      return Optional.empty();
    }
    return Optional.of(
        quoted
            + " is not a pod's own but the whole machine's (a pod can set kernel.shm*, kernel.msg*,"
            + " kernel.sem, kernel.domainname, fs.mqueue.* and net.*)");
  }

  /** Why this pod cannot set it, given namespaces that it shares with the host. */
  public static Optional<String> obstacle(String given, String value, PodSpec pod) {
    Optional<String> never = obstacle(given, value);
    if (never.isPresent()) {
      return never;
    }
    String name = dotted(given);
    if (name.startsWith("net.") && pod.net() == NetMode.HOST) {
      return Optional.of(
          "kernel parameter \"" + given + "\" would be the host's: the pod shares its network");
    }
    if (isIpc(name) && pod.hostIpc()) {
      return Optional.of(
          "kernel parameter \""
              + given
              + "\" would be the host's: the pod shares its IPC namespace");
    }
    return Optional.empty();
  }

  private static boolean isIpc(String name) {
    return IPC.contains(name) || name.startsWith("fs.mqueue.");
  }

  /** It becomes a path below /proc/sys: no component may climb out of it or be empty. */
  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > LONGEST || name.charAt(name.length() - 1) == '.') {
      return false;
    }
    char before = '.';
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean word = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      boolean separator = c == '.' || c == '/';
      if (!word
          && c != '_'
          && c != '-'
          && c != ':'
          && !(separator && before != '.' && before != '/')) {
        return false;
      }
      before = c;
    }
    return before != '/';
  }
}
