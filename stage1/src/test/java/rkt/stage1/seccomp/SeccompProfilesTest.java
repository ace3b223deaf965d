package rkt.stage1.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Rule;

class SeccompProfilesTest {
  private final List<String> warnings = new ArrayList<>();

  private Optional<SeccompFilter> requested(boolean retain, String errno, String... set) {
    return SeccompProfiles.requested(
        new SeccompRequest(retain, List.of(set), errno), Arch.X86_64, true, warnings);
  }

  private static Action actionOf(SeccompFilter filter, String name) {
    for (Rule rule : filter.rules()) {
      if (rule.names().contains(name) && rule.conditions().isEmpty()) {
        return rule.action();
      }
    }
    return filter.fallback();
  }

  @Test
  void whitelistHasTheAncestorsSizeAndNothingOfTheBlacklist() {
    assertThat(SyscallSets.words(SyscallSets.ALLOWED)).hasSize(309).doesNotHaveDuplicates();
    List<String> black =
        SyscallSets.words(SyscallSets.BLACKLIST_KILLED, SyscallSets.BLACKLIST_REFUSED);
    assertThat(black).hasSize(50).doesNotHaveDuplicates();
    assertThat(SyscallSets.whitelist(Arch.AARCH64)).doesNotContainAnyElementsOf(black);
  }

  @Test
  void defaultAllowsNoWayToTheKernelsMoreDangerousParts() {
    SeccompFilter filter = SeccompProfiles.defaultFilter(Arch.X86_64, true);
    for (String name :
        List.of(
            "io_uring_setup",
            "io_uring_enter",
            "bpf",
            "userfaultfd",
            "perf_event_open",
            "keyctl",
            "mount",
            "move_mount",
            "open_tree",
            "fsopen",
            "mount_setattr",
            "unshare",
            "setns",
            "kexec_load",
            "init_module",
            "ptrace",
            "process_vm_writev",
            "reboot",
            "clone3",
            "pidfd_getfd",
            "open_by_handle_at",
            "swapon",
            "iopl")) {
      assertThat(actionOf(filter, name)).as(name).isNotInstanceOf(Action.Allow.class);
    }
    assertThat(actionOf(filter, "read")).isInstanceOf(Action.Allow.class);
    assertThat(actionOf(filter, "a call of next year")).isEqualTo(new Action.Fail(38));
  }

  @Test
  void noCallHasBothAPlainRuleAndConditions() {
    SeccompFilter filter = SeccompProfiles.defaultFilter(Arch.X86_64, true);
    Set<String> plain = new HashSet<>();
    Set<String> conditional = new HashSet<>();
    for (Rule rule : filter.rules()) {
      (rule.conditions().isEmpty() ? plain : conditional).addAll(rule.names());
    }
    assertThat(plain).doesNotContainAnyElementsOf(conditional);
    assertThat(conditional)
        .containsExactlyInAnyOrder("clone", "ioctl", "personality", "socket", "mknod", "mknodat");
  }

  @Test
  void retainAllIsNoFilter() {
    assertThat(requested(true, "", "@appc.io/all")).isEmpty();
  }

  @Test
  void removeEmptyIsTheDefault() {
    assertThat(requested(false, "", "@appc.io/empty"))
        .contains(SeccompProfiles.defaultFilter(Arch.X86_64, true));
  }

  @Test
  void removeKillsOrFailsWhatItNamesAndAllowsTheRest() {
    SeccompFilter kills = requested(false, "", "reboot").orElseThrow();
    assertThat(actionOf(kills, "reboot")).isEqualTo(new Action.Kill());
    assertThat(actionOf(kills, "stat")).isEqualTo(new Action.Allow());
    SeccompFilter fails = requested(false, "EXFULL", "@docker/default-blacklist").orElseThrow();
    assertThat(actionOf(fails, "umount2")).isEqualTo(new Action.Fail(54));
  }

  @Test
  void retainAllowsOnlyWhatItNamesAndWhatAStartNeeds() {
    SeccompFilter filter = requested(true, "", "getcwd").orElseThrow();
    assertThat(actionOf(filter, "getcwd")).isEqualTo(new Action.Allow());
    assertThat(actionOf(filter, "execve")).isEqualTo(new Action.Allow());
    assertThat(actionOf(filter, "capset")).isEqualTo(new Action.Allow());
    assertThat(actionOf(filter, "mkdir")).isEqualTo(new Action.Kill());
    assertThat(actionOf(requested(true, "EPERM", "getcwd").orElseThrow(), "mkdir"))
        .isEqualTo(new Action.Fail(1));
  }

  @Test
  void aCallNamedByTheUserHasNoConditionsButTheDevicePolicy() {
    SeccompFilter filter =
        requested(true, "", "clone", "mknod", "@rkt/default-whitelist").orElseThrow();
    assertThat(actionOf(filter, "clone")).isEqualTo(new Action.Allow());
    assertThat(actionOf(filter, "socket")).isEqualTo(new Action.Kill());
    assertThat(actionOf(filter, "mknod")).isEqualTo(new Action.Kill());
  }

  /** Every wildcard of the ancestor, in both directions. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "@docker/default-whitelist",
        "@docker/default-blacklist",
        "@rkt/default-whitelist",
        "@rkt/default-blacklist",
        "@systemd/clock",
        "@systemd/default-whitelist",
        "@systemd/mount",
        "@systemd/network-io",
        "@systemd/obsolete",
        "@systemd/privileged",
        "@systemd/process",
        "@systemd/raw-io"
      })
  void wildcardsAreKnown(String wildcard) {
    for (Arch arch : Arch.values()) {
      List<String> members = SyscallSets.wildcard(wildcard, arch);
      assertThat(members).isNotEmpty().doesNotHaveDuplicates();
    }
    assertThat(requested(true, "", wildcard)).isPresent();
    assertThat(requested(false, "EPERM", wildcard)).isPresent();
    assertThat(warnings).isEmpty();
  }

  @Test
  void removedBlacklistCoversWhatCameSince() {
    SeccompFilter filter = requested(false, "", "@rkt/default-blacklist").orElseThrow();
    for (String name : List.of("io_uring_setup", "fsopen", "pidfd_getfd", "clock_settime64")) {
      assertThat(actionOf(filter, name)).as(name).isEqualTo(new Action.Kill());
    }
  }

  @Test
  void whatMeansNothingIsReported() {
    requested(false, "", "reboot", "raboot", "@docker/blocklist");
    requested(true, "", "@systemd/io-event");
    assertThat(warnings)
        .containsExactly(
            "unknown system call \"raboot\" in the seccomp isolator is ignored",
            "unknown seccomp wildcard \"@docker/blocklist\" is ignored",
            "unknown seccomp wildcard \"@systemd/io-event\" is ignored");
    assertThatThrownBy(() -> requested(false, "ENONSENSE", "reboot"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ENONSENSE");
  }

  @Test
  void knowsErrorNumbers() {
    assertThat(ErrnoNames.number("EPERM")).isEqualTo(1);
    assertThat(ErrnoNames.number("ENOSYS")).isEqualTo(38);
    assertThat(ErrnoNames.number("EXFULL")).isEqualTo(54);
    assertThat(ErrnoNames.number("EWOULDBLOCK")).isEqualTo(11);
    assertThat(ErrnoNames.number("EHWPOISON")).isEqualTo(133);
  }

  @Test
  void knowsSystemCallNumbers() {
    assertThat(Arch.X86_64.abis().get(0).numbers())
        .containsEntry("read", 0)
        .containsEntry("execve", 59)
        .containsEntry("statx", 332)
        .containsEntry("clone3", 435)
        .containsEntry("mseal", 462);
    assertThat(Arch.X86_64.abis().get(1).numbers())
        .containsEntry("execve", 11)
        .containsEntry("umount", 22)
        .containsEntry("socketcall", 102);
    assertThat(Arch.AARCH64.abis().get(0).numbers()).containsEntry("execve", 221);
    assertThat(Arch.AARCH64.abis().get(1).numbers()).containsEntry("set_tls", 0xf0005);
  }
}
