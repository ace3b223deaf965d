package rkt.tests.breakout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/**
 * The kernel's own doors: what root with the default capabilities and filter tries in a pod. One
 * pod for each runtime tries everything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelDoorsTest {
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";

  /** Calls that open the kernel; with arguments that do nothing where they are allowed. */
  private static final List<String> CALLS =
      List.of(
          "reboot",
          "init_module",
          "finit_module",
          "delete_module",
          "kexec_load",
          "bpf",
          "perf_event_open",
          "userfaultfd",
          "io_uring_setup",
          "io_uring_enter",
          "io_uring_register",
          "open_by_handle_at",
          "name_to_handle_at",
          "mount",
          "umount2",
          "pivot_root",
          "swapon",
          "swapoff",
          "setns",
          "unshare",
          "keyctl",
          "add_key",
          "request_key",
          "syslog",
          "acct",
          "settimeofday",
          "clock_settime",
          "sethostname",
          "setdomainname",
          "quotactl",
          "iopl",
          "ioperm",
          "fsopen",
          "fsmount",
          "fsconfig",
          "fspick",
          "move_mount",
          "open_tree",
          "mount_setattr",
          "pidfd_getfd",
          "process_vm_readv",
          "process_vm_writev",
          "ptrace",
          "kcmp",
          "clone3",
          "vhangup",
          "fanotify_init",
          "lookup_dcookie",
          "memfd_secret",
          // mount and ptrace by the numbers of the x32 interface
          "0x400000a5",
          "0x40000209");

  /** Files of the host's kernel that a program could be planted in, or that end it. */
  private static final List<String> KNOBS =
      List.of(
          "/proc/sysrq-trigger",
          "/proc/sys/kernel/core_pattern",
          "/proc/sys/kernel/modprobe",
          "/proc/sys/kernel/hotplug",
          "/proc/sys/fs/binfmt_misc/register",
          "/proc/sys/vm/panic_on_oom",
          "/proc/sys/kernel/ns_last_pid",
          "/proc/kcore",
          "/proc/kmem",
          "/proc/mem",
          "/sys/kernel/uevent_helper",
          "/sys/kernel/profiling",
          "/sys/kernel/debug/x",
          "/sys/kernel/vmcoreinfo",
          "/sys/firmware/efi/vars/x",
          "/sys/fs/cgroup/release_agent",
          "/sys/fs/cgroup/memory/release_agent",
          "/sys/fs/cgroup/systemd/release_agent",
          "/sys/fs/cgroup/rdma/release_agent",
          "/sys/fs/cgroup/cgroup.procs",
          "/sys/fs/cgroup/memory/cgroup.procs",
          "/sys/fs/cgroup/pids/pids.max");

  private final Map<String, Probe> seen = new HashMap<>();
  private Rkt rkt;

  @BeforeAll
  void setUp() {
    rkt = new Rkt();
  }

  @AfterAll
  void tearDown() {
    if (rkt != null) {
      rkt.close();
    }
  }

  private Probe with(String runtime) {
    Runtimes.use(rkt, runtime);
    return seen.computeIfAbsent(
        runtime, _ -> Probe.run(rkt, List.of(), everything().toArray(String[]::new)));
  }

  private static List<String> everything() {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("caps", ",", "seccomp", ",", "ids", ",", "fds", ",", "namespaces"));
    for (String call : CALLS) {
      all.addAll(List.of(",", "syscall", call));
    }
    for (String knob : KNOBS) {
      all.addAll(List.of(",", "open", knob, "w"));
    }
    add(all, "mkdir /sys/fs/cgroup/memory/x , mkdir /sys/fs/cgroup/pids/x , mkdir /sys/x");
    add(all, "unshare user , unshare mnt , unshare cgroup , clone user , clone user,mnt");
    add(all, "mount none /tmp tmpfs , mount none /proc/sys proc remount , umount /proc/sys");
    add(all, "mount cgroup /tmp cgroup 0 rdma , int80 21 , int80 52 , int80 88");
    add(all, "setns /proc/1/ns/mnt , setns /proc/self/ns/user");
    add(all, "handle / , handle /etc/hostname , climb /etc/debian_version , climb /proc/1/root");
    add(all, "keyring , dmesg , socket vsock , socket alg , open /dev/kmsg r , open /proc/kmsg r");
    add(all, "read /proc/kallsyms /proc/keys /proc/timer_list /proc/config.gz /proc/interrupts");
    add(all, "ls /sys/firmware /sys/module /sys/power /sys/kernel/debug /sys/kernel/security");
    for (String device :
        List.of("b 7 0", "b 8 0", "b 254 0", "c 1 1", "c 1 2", "c 1 4", "c 1 11")) {
      add(all, "mknod /tmp/" + device.replace(' ', '-') + " " + device);
      add(all, "open /tmp/" + device.replace(' ', '-') + " rw");
    }
    add(all, "mknod /tmp/loop c 10 237 , mknod /tmp/fuse c 10 229 , mknod /tmp/kvm c 10 232");
    add(all, "mknod /tmp/console c 5 1 , mknod /tmp/null c 1 3 , open /tmp/null w");
    add(all, "open /dev/sda r , open /dev/vda r , open /dev/mem r , open /dev/fuse rw");
    add(all, "open /proc/1/root path , open /proc/1/cwd path , ls /proc/1/fd , open /proc/1/mem r");
    add(
        all,
        "open /proc/1/environ r , open /proc/1/exe r , read /proc/1/maps , read /proc/1/cmdline");
    add(all, "ptrace 1 , vmread 1 , signal 1 KILL , signal 1 TERM , signal 1 0 , namespaces 1");
    // Last: it ends what the filter would let it see.
    add(all, "setuid 1000 , caps , signal 1 INT , syscall setuid 0");
    return all;
  }

  private static void add(List<String> all, String commands) {
    all.add(",");
    all.addAll(List.of(commands.split(" ")));
  }

  private static void assertRefused(Probe probe, String command, String argument) {
    assertThat(probe.of(command, argument))
        .as(command + " " + argument)
        .matches("error:.*|killed:SIGSYS");
  }

  /** CVE-2022-0185, -2020-8835, -2023-2598, -2021-22555 and others need one of these. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void callsIntoTheKernelAreRefused(String runtime) {
    Probe probe = with(runtime);
    for (String call : CALLS) {
      // EFAULT and EINVAL would mean that the kernel looked at the arguments.
      assertThat(probe.of("syscall", call)).as(call).matches("error:(EPERM|ENOSYS)|killed:SIGSYS");
    }
    for (String each : List.of("user", "mnt", "cgroup")) {
      assertRefused(probe, "unshare", each);
    }
    assertRefused(probe, "clone", "user");
    assertRefused(probe, "clone", "user,mnt");
    // The same doors by the 32-bit interface: mount, umount2, reboot.
    for (String number : List.of("21", "52", "88")) {
      assertRefused(probe, "int80", number);
    }
    assertRefused(probe, "socket", "vsock");
    assertRefused(probe, "socket", "alg");
  }

  /** CVE-2022-0492 (release_agent), core_pattern, uevent_helper, binfmt_misc, sysrq. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void nothingCanBePlantedInTheKernel(String runtime) {
    Probe probe = with(runtime);
    for (String knob : KNOBS) {
      assertRefused(probe, "open", knob);
    }
    for (String dir : List.of("/sys/fs/cgroup/memory/x", "/sys/fs/cgroup/pids/x", "/sys/x")) {
      assertRefused(probe, "mkdir", dir);
    }
    for (String target : List.of("/tmp", "/proc/sys")) {
      assertRefused(probe, "mount", target);
    }
    assertRefused(probe, "umount", "/proc/sys");
  }

  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void kernelSecretsAreCovered(String runtime) {
    Probe probe = with(runtime);
    for (String file : List.of("kallsyms", "keys", "timer_list", "config.gz", "interrupts")) {
      assertThat(probe.of("read", "/proc/" + file)).as(file).matches("ok:|error:.*");
    }
    for (String dir : List.of("firmware", "module", "power", "kernel/debug", "kernel/security")) {
      assertThat(probe.of("ls", "/sys/" + dir)).as(dir).matches("|error:.*");
    }
    assertRefused(probe, "dmesg", "read");
    assertRefused(probe, "open", "/dev/kmsg");
    assertRefused(probe, "open", "/proc/kmsg");
    for (String ring : List.of("session", "user", "usersession")) {
      assertRefused(probe, "keyring", ring);
    }
  }

  /** Raw disks, memory, loop and fuse; a node that is made in a volume could be opened outside. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void noDeviceOfTheHostCanBeMadeOrOpened(String runtime) {
    Probe probe = with(runtime);
    assertThat(probe.of("open", "/tmp/null")).isEqualTo("ok");
    probe
        .all("mknod")
        .forEach((path, result) -> {
          if (!path.equals("/tmp/null")) {
            assertThat(result).as(path).startsWith("error:");
            probe.find("open " + path).ifPresent(open -> assertThat(open).startsWith("error:"));
          }
        });
    for (String device : List.of("/dev/sda", "/dev/vda", "/dev/mem", "/dev/fuse")) {
      assertRefused(probe, "open", device);
    }
  }

  /** The old chroot trick, and CVE-2014-9357's successor "shocker". */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void theRootIsTheRoot(String runtime) {
    Probe probe = with(runtime);
    assertRefused(probe, "climb", "/etc/debian_version");
    assertRefused(probe, "handle", "/");
    assertRefused(probe, "handle", "/etc/hostname");
    assertRefused(probe, "setns", "/proc/1/ns/mnt");
    assertRefused(probe, "setns", "/proc/self/ns/user");
  }

  /** CVE-2019-5736, CVE-2016-9962, CVE-2022-1227: PID 1 is the sandbox and shows nothing. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void pidOneIsTheSandbox(String runtime) {
    Probe probe = with(runtime);
    assertThat(probe.of("read", "/proc/1/cmdline").replace("\0", "")).isEqualTo("ok:rkt-sandbox");
    for (String file : List.of("root", "cwd", "mem", "environ", "exe")) {
      assertRefused(probe, "open", "/proc/1/" + file);
    }
    assertThat(probe.of("read", "/proc/1/maps")).matches("ok:|error:.*");
    assertThat(probe.of("ls", "/proc/1/fd")).matches("|error:.*");
    assertRefused(probe, "ptrace", "1");
    assertRefused(probe, "vmread", "1");
    // Signals from inside are dropped by the kernel: all that followed was still said.
    assertThat(probe.of("signal", "1")).startsWith("error:"); // as user 1000, later
    assertThat(probe.of("setuid", "1000")).isEqualTo("ok");
    assertThat(probe.of("ns", "mnt")).startsWith("error:");
  }

  /** CVE-2022-24769, CVE-2022-29162: inheritable capabilities come back with file capabilities. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void noCapabilityIsInheritableOrSurvivesAChangeOfUser(String runtime) {
    Probe probe = with(runtime); // what was said last counts: as user 1000
    assertThat(probe.set("cap.inheritable")).isEmpty();
    assertThat(probe.set("cap.ambient")).isEmpty();
    assertThat(probe.set("cap.effective")).isEmpty();
    assertThat(probe.set("cap.permitted")).isEmpty();
    assertThat(probe.set("cap.bounding")).hasSize(14);
    assertThat(probe.of("syscall", "setuid")).isEqualTo("error:EPERM");
  }

  /** CVE-2024-21626: nothing but 0, 1 and 2. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void noDescriptorIsLeftOpen(String runtime) {
    assertThat(with(runtime).all("fd").keySet()).containsExactly("0", "1", "2");
  }
}
