package rkt.stage1.seccomp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Named sets of system calls: the wildcards of appc isolators ({@code @scope/name}).
 *
 * <p>The default whitelist is what container engines have allowed since 2016, which images are
 * built against, plus the calls that have become ordinary since (time64, statx, close_range,
 * openat2, ...). Nothing on the blacklist is ever in it. io_uring stays out: most kernel exploits
 * against containers of the last years went through it.
 */
final class SyscallSets {
  /** What an ordinary program needs; some with conditions, see {@link SeccompProfiles}. */
  static final String ALLOWED =
      """
      accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown chown32 chroot
      clock_getres clock_gettime clock_nanosleep clone close connect copy_file_range creat dup dup2
      dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_wait epoll_wait_old
      eventfd eventfd2 execve execveat exit exit_group faccessat fadvise64 fadvise64_64 fallocate
      fanotify_mark fchdir fchmod fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr
      flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
      ftruncate ftruncate64 futex futimesat getcpu getcwd getdents getdents64 getegid getegid32
      geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp
      getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit
      get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday
      getuid getuid32 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
      io_cancel ioctl io_destroy io_getevents ioprio_get ioprio_set io_setup io_submit ipc kill lchown
      lchown32 lgetxattr link linkat listen listxattr llistxattr _llseek lremovexattr lseek lsetxattr
      lstat lstat64 madvise memfd_create mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall
      mmap mmap2 modify_ldt mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend
      mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep
      newfstatat _newselect open openat pause personality pipe pipe2 poll ppoll prctl pread64 preadv
      prlimit64 pselect6 pwrite64 pwritev read readahead readlink readlinkat readv recv recvfrom
      recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir
      rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
      rt_sigtimedwait rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam
      sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
      sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select
      semctl semget semop semtimedop send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid
      setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid
      setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32
      setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32
      setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigreturn socket
      socketcall socketpair splice stat stat64 statfs statfs64 symlink symlinkat sync sync_file_range
      syncfs sysinfo syslog tee tgkill time timer_create timer_delete timerfd_create timerfd_gettime
      timerfd_settime timer_getoverrun timer_gettime timer_settime times tkill truncate truncate64
      ugetrlimit umask uname unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid
      waitpid write writev
      """;

  /** Ordinary calls younger than the list above, or left out of it for 32-bit programs. */
  static final String ALLOWED_SINCE =
      """
      cachestat clock_getres_time64 clock_gettime64 clock_nanosleep_time64 close_range epoll_pwait2
      faccessat2 fchmodat2 futex_requeue futex_time64 futex_wait futex_waitv futex_wake getxattrat
      io_pgetevents io_pgetevents_time64 landlock_add_rule landlock_create_ruleset
      landlock_restrict_self listxattrat map_shadow_stack membarrier mq_timedreceive_time64
      mq_timedsend_time64 mseal openat2 pidfd_open pidfd_send_signal pkey_alloc pkey_free
      pkey_mprotect ppoll_time64 preadv2 process_mrelease pselect6_time64 pwritev2 readdir
      recvmmsg_time64 removexattrat rseq rt_sigtimedwait_time64 sched_rr_get_interval_time64
      semtimedop_time64 setxattrat sigaction signal sigpending sigprocmask sigsuspend statx
      timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64
      """;

  /** Needed on ARM only. */
  static final String ALLOWED_ARM =
      "arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2";

  /** Calls that change the host or escape a container: a program that makes one is killed. */
  static final String BLACKLIST_KILLED =
      """
      acct clock_settime create_module delete_module finit_module get_kernel_syms init_module ioperm
      iopl kexec_file_load kexec_load lookup_dcookie mount nfsservctl open_by_handle_at pivot_root
      ptrace query_module quotactl reboot setns settimeofday stime swapoff swapon sysfs _sysctl
      umount umount2 unshare uselib ustat vm86 vm86old
      """;

  /**
   * The rest of the blacklist: calls that libraries try to find out whether they may (NUMA,
   * Kerberos key rings, profilers, garbage collectors). They fail with EPERM; killing would end
   * programs that go on without.
   */
  static final String BLACKLIST_REFUSED =
      """
      add_key adjtimex bpf clock_adjtime get_mempolicy kcmp keyctl mbind move_pages
      name_to_handle_at perf_event_open process_vm_readv process_vm_writev request_key set_mempolicy
      userfaultfd
      """;

  /**
   * Calls that did not exist when the blacklist was made and do what its members do: the new mount
   * interface, io_uring, another process's files and memory, 64-bit time on 32-bit machines. The
   * default filter does not know them, so there they fail with ENOSYS.
   */
  static final String BLACKLIST_SINCE =
      """
      clock_adjtime64 clock_settime64 fsconfig fsmount fsopen fspick io_uring_enter io_uring_register
      io_uring_setup migrate_pages mount_setattr move_mount open_tree open_tree_attr pidfd_getfd
      process_madvise quotactl_fd set_mempolicy_home_node
      """;

  /** What a process cannot do without; a whitelist always includes it, as under systemd. */
  static final String IMPLICIT =
      """
      clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
      clock_nanosleep_time64 execve exit exit_group futex futex_time64 futex_waitv get_robust_list
      get_thread_area getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32
      getpgid getpgrp getpid getppid getrandom getresgid getresgid32 getresuid getresuid32 getrlimit
      getsid gettid gettimeofday getuid getuid32 membarrier nanosleep pause prlimit64 restart_syscall
      rseq rt_sigreturn sched_yield set_robust_list set_thread_area set_tid_address set_tls sigreturn
      time ugetrlimit
      """;

  /**
   * What crun 1.8 and runc 1.1 (a Go program) call between loading the filter, which must come
   * before they give up the capability to do so, and executing the app. A whitelist without these
   * starts nothing.
   */
  static final String RUNTIME =
      """
      capget capset chdir clone close close_range epoll_create1 epoll_ctl epoll_pwait eventfd2
      execve exit_group faccessat faccessat2 fchdir fcntl fstat fstatfs futex getcwd getdents64 getpid
      getppid gettid ioctl lseek lstat pread64 pipe2
      madvise mmap munmap nanosleep newfstatat openat prctl read readlinkat rt_sigaction
      rt_sigprocmask rt_sigreturn sched_yield setgid setgroups setresgid setresuid setuid
      sigaltstack stat tgkill write
      """;

  private static final String SYSTEMD_CLOCK =
      """
      adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday stime
      """;

  private static final String SYSTEMD_MOUNT =
      """
      chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr
      pivot_root umount umount2
      """;

  private static final String SYSTEMD_NETWORK_IO =
      """
      accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
      recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socket socketcall
      socketpair
      """;

  private static final String SYSTEMD_OBSOLETE =
      """
      _sysctl afs_syscall bdflush break create_module ftime get_kernel_syms getpmsg gtty idle lock mpx
      prof profil putpmsg query_module security sgetmask ssetmask stty sysfs tuxcall ulimit uselib
      ustat vserver
      """;

  private static final String SYSTEMD_RAW_IO =
      """
      ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read
      s390_pci_mmio_write
      """;

  private static final String SYSTEMD_PRIVILEGED =
      """
      _sysctl acct adjtimex bpf capset chown chown32 chroot clock_adjtime clock_adjtime64
      clock_settime clock_settime64 delete_module fanotify_init fanotify_mark fchown fchown32 fchownat
      finit_module init_module ioperm iopl kexec_file_load kexec_load lchown lchown32 nfsservctl
      open_by_handle_at pciconfig_iobase pciconfig_read pciconfig_write pivot_root quotactl
      quotactl_fd reboot s390_pci_mmio_read s390_pci_mmio_write setdomainname setfsuid setfsuid32
      setgroups setgroups32 sethostname setresuid setresuid32 setreuid setreuid32 settimeofday setuid
      setuid32 stime swapoff swapon vhangup
      """;

  private static final String SYSTEMD_PROCESS =
      """
      arch_prctl capget clone clone3 execveat fork getrusage kill pidfd_open pidfd_send_signal prctl
      process_madvise process_mrelease rt_sigqueueinfo rt_tgsigqueueinfo setns swapcontext tgkill
      times tkill unshare vfork wait4 waitid waitpid
      """;

  /** The members of a wildcard, or null when there is none of that name. */
  static @Nullable List<String> wildcard(String name, Arch arch) {
    return switch (name) {
      case "@docker/default-whitelist" -> words(ALLOWED, ALLOWED_SINCE);
      case "@rkt/default-whitelist" -> whitelist(arch);
      case "@docker/default-blacklist", "@rkt/default-blacklist" ->
          words(BLACKLIST_KILLED, BLACKLIST_REFUSED, BLACKLIST_SINCE);
      case "@systemd/clock" -> words(SYSTEMD_CLOCK);
      case "@systemd/default-whitelist" -> words(IMPLICIT);
      case "@systemd/mount" -> words(SYSTEMD_MOUNT);
      case "@systemd/network-io" -> words(SYSTEMD_NETWORK_IO);
      case "@systemd/obsolete" -> words(SYSTEMD_OBSOLETE);
      case "@systemd/privileged" -> words(SYSTEMD_PRIVILEGED);
      case "@systemd/process" -> words(SYSTEMD_PROCESS);
      case "@systemd/raw-io" -> words(SYSTEMD_RAW_IO);
      default -> null;
    };
  }

  /** The default whitelist of a machine. */
  static List<String> whitelist(Arch arch) {
    return arch == Arch.AARCH64
        ? words(ALLOWED, ALLOWED_SINCE, ALLOWED_ARM)
        : words(ALLOWED, ALLOWED_SINCE);
  }

  /** Splits at white space, without a regular expression. */
  static List<String> words(String... texts) {
    List<String> out = new ArrayList<>(512);
    for (String text : texts) {
      int start = -1;
      for (int i = 0; i <= text.length(); i++) {
        boolean space = i == text.length() || text.charAt(i) <= ' ';
        if (space && start >= 0) {
          out.add(text.substring(start, i));
          start = -1;
        } else if (!space && start < 0) {
          start = i;
        }
      }
    }
    return out;
  }

  private SyscallSets() {}
}
