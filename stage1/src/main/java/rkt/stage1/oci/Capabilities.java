package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.stage1.AppSpec;
import rkt.stage1.rootfs.AppUser;

/** The capabilities an app may ever have (capabilities(7)). */
final class Capabilities {
  /** What an app gets unless its isolators say otherwise: enough for ordinary daemons as root. */
  static final List<String> DEFAULT =
      List.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_NET_BIND_SERVICE",
          "CAP_SETUID",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETFCAP",
          "CAP_SYS_CHROOT");

  /** All by number; linux/capability.h. */
  private static final List<String> ALL =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_LINUX_IMMUTABLE",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_ADMIN",
          "CAP_NET_RAW",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_SYS_MODULE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_CHROOT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_PACCT",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_NICE",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_MKNOD",
          "CAP_LEASE",
          "CAP_AUDIT_WRITE",
          "CAP_AUDIT_CONTROL",
          "CAP_SETFCAP",
          "CAP_MAC_OVERRIDE",
          "CAP_MAC_ADMIN",
          "CAP_SYSLOG",
          "CAP_WAKE_ALARM",
          "CAP_BLOCK_SUSPEND",
          "CAP_AUDIT_READ",
          "CAP_PERFMON",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE");

  private Capabilities() {}

  /**
   * The bounding set of an app.
   *
   * @param isolators what its isolators say; the caller has refused retain together with remove
   * @param unrestricted whether the user switched capability restrictions off
   * @param warnings receives a line for each capability this process cannot hand on
   */
  static List<String> bounding(
      Kernel kernel, AppIsolators isolators, boolean unrestricted, List<String> warnings)
      throws EngineException {
    if (unrestricted) {
      return available(kernel, ALL);
    }
    if (isolators.capsRetain().isPresent()) {
      List<String> wanted = known(isolators.capsRetain().get());
      List<String> granted = available(kernel, wanted);
      for (String name : wanted) {
        if (!granted.contains(name)) {
          warnings.add("rkt does not have the capability " + name + " itself and cannot grant it");
        }
      }
      return granted;
    }
    if (isolators.capsRemove().isPresent()) {
      List<String> left = new ArrayList<>(DEFAULT);
      left.removeAll(known(isolators.capsRemove().get()));
      return left;
    }
    return DEFAULT;
  }

  /**
   * The capabilities an app that is not root holds from its start on.
   *
   * <p>Images rely on "a capability set is a bound": a set in the image must not give an
   * unprivileged app privileges that it never had. What the administrator retains, with a flag or
   * in a pod manifest, is meant to be used. Both end as isolators of the effective app, so a retain
   * set counts as the administrator's when the image does not ask for the very same.
   */
  static List<String> ambient(AppSpec spec, AppUser user, List<String> bounding) {
    List<String> retained = retained(spec.app().isolators());
    if (user.isRoot() || retained.isEmpty()) {
      return List.of();
    }
    if (spec.image().app().isPresent()
        && retained.equals(retained(spec.image().app().get().isolators()))) {
      return List.of();
    }
    List<String> ambient = new ArrayList<>(bounding);
    ambient.retainAll(retained);
    return ambient;
  }

  private static List<String> retained(List<Isolator> isolators) {
    List<String> retained = new ArrayList<>();
    for (Isolator isolator : isolators) {
      if (isolator.typed() instanceof IsolatorValue.CapabilitiesRetain set) {
        retained.addAll(set.set());
      }
    }
    return retained;
  }

  private static List<String> known(List<String> names) throws EngineException {
    Set<String> known = new LinkedHashSet<>();
    for (String name : names) {
      if (!ALL.contains(name)) {
        throw EngineException.of(
            ErrorCode.INVALID,
            "cannot apply the capability isolator",
            "unknown capability \"" + name + "\"",
            "names look like CAP_NET_ADMIN");
      }
      known.add(name);
    }
    return List.copyOf(known);
  }

  /** Those that are in our own bounding set: a runtime fails on others. */
  private static List<String> available(Kernel kernel, List<String> names) throws EngineException {
    long own = own(kernel);
    List<String> available = new ArrayList<>(names.size());
    for (String name : names) {
      if ((own >>> ALL.indexOf(name) & 1) != 0) {
        available.add(name);
      }
    }
    return available;
  }

  private static long own(Kernel kernel) throws EngineException {
    String status;
    try {
      status = SmallFiles.readText(kernel, "/proc/self/status", 1 << 16);
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot find out which capabilities are available",
          String.valueOf(e.getMessage()),
          "",
          e);
    }
    int at = status.indexOf("CapBnd:");
    int end = status.indexOf('\n', at);
    if (at < 0 || end < 0) {
      return -1;
    }
    return Long.parseUnsignedLong(status.substring(at + "CapBnd:".length(), end).strip(), 16);
  }
}
