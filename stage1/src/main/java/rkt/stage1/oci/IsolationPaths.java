package rkt.stage1.oci;

import java.util.List;

/**
 * Parts of /proc and /sys that an app must not see or not change. Absent ones are ignored by
 * runtimes. /sys is mounted read-only as a whole, so only /proc needs read-only paths, and /sys/fs
 * is covered by a tmpfs of its own, on which the app's own cgroups show.
 */
final class IsolationPaths {
  static final List<String> MASKED =
      List.of(
          // What the ancestor hid.
          "/proc/config.gz",
          "/proc/kallsyms",
          "/proc/sched_debug",
          "/proc/kcore",
          "/proc/kmem",
          "/proc/mem",
          "/sys/firmware",
          "/sys/hypervisor",
          "/sys/module",
          "/sys/power",
          // What engines learned to hide since: keys, timing side channels, ACPI and SCSI control,
          // RAPL (CVE-2020-8694).
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap");

  /** The ancestor protected a few files below /proc/sys; the whole is stricter and one mount. */
  static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /** As the ancestor had it, for a pod whose volume at /sys is the host's /sys, writable. */
  static final List<String> HOST_SYS_MASKED = List.of("/sys/fs");

  /** See {@link #HOST_SYS_MASKED}. */
  static final List<String> HOST_SYS_READ_ONLY =
      List.of("/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/kernel");

  private IsolationPaths() {}
}
