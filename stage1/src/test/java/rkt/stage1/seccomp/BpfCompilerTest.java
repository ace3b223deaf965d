package rkt.stage1.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Condition;
import rkt.stage1.seccomp.SeccompFilter.Rule;

/** The compiled program decides every call as the rules say. */
class BpfCompilerTest {
  private static final long SEED = 20260101;

  @ParameterizedTest
  @EnumSource
  void decidesEveryCallOfEveryAbiAsTheRulesSay(Arch arch) {
    agree(SeccompProfiles.defaultFilter(arch, true), arch);
    agree(SeccompProfiles.defaultFilter(arch, false), arch);
  }

  @ParameterizedTest
  @EnumSource
  void blacklistsToo(Arch arch) {
    SeccompRequest request = new SeccompRequest(false, List.of("stat", "reboot"), "EXFULL");
    agree(SeccompProfiles.requested(request, arch, true, new ArrayList<>()).orElseThrow(), arch);
  }

  private static void agree(SeccompFilter filter, Arch arch) {
    BpfMachine machine = new BpfMachine(BpfCompiler.compile(filter, arch));
    Random random = new Random(SEED);
    for (Arch.Abi abi : arch.abis()) {
      Map<Integer, String> names = new TreeMap<>();
      abi.numbers().forEach((name, number) -> names.put(number, name));
      for (int number = -1; number < 1200; number++) {
        for (int round = 0; round < 40; round++) {
          long[] args = arguments(random);
          assertThat(machine.run(abi.audit(), number, args))
              .as(
                  "seed %d, %s %s (%d) %s",
                  SEED, abi.oci(), names.get(number), number, List.of(args))
              .isEqualTo(expected(filter, names.getOrDefault(number, ""), args));
        }
      }
    }
  }

  /** Values near everything a rule compares with, with and without noise in the upper half. */
  private static long[] arguments(Random random) {
    long[] interesting = {
      0,
      1,
      8,
      16,
      17,
      36,
      37,
      38,
      39,
      40,
      41,
      47,
      48,
      0x102,
      0x103,
      0x104,
      0x105,
      0x106,
      0x109,
      0x10a,
      0x10b,
      0x1ff,
      0x3ff,
      0x4ff,
      0x500,
      0x501,
      0x502,
      0xaed,
      0x800,
      0x1000,
      0x2000,
      0x21b6,
      0x5401,
      0x5402,
      0x5412,
      0x5413,
      0x541c,
      0x1005412,
      0x6000,
      0x8000,
      0xa000,
      0xc000,
      0x20000,
      0x20008,
      0x10000000,
      0x7e020000L,
      0xffffffffL,
      -1
    };
    long[] args = new long[6];
    for (int i = 0; i < args.length; i++) {
      args[i] = interesting[random.nextInt(interesting.length)];
      if (random.nextInt(4) == 0) {
        args[i] |= (long) random.nextInt() << 32;
      }
    }
    return args;
  }

  private static int expected(SeccompFilter filter, String name, long[] args) {
    for (Rule rule : filter.rules()) {
      if (rule.names().contains(name) && holds(rule, args)) {
        return value(rule.action());
      }
    }
    return value(filter.fallback());
  }

  private static boolean holds(Rule rule, long[] args) {
    for (Condition condition : rule.conditions()) {
      long arg = args[condition.index()];
      boolean holds =
          switch (condition.comparison()) {
            case EQUAL -> arg == condition.value();
            case MASKED -> (arg & condition.mask()) == condition.value();
            case GREATER -> Long.compareUnsigned(arg, condition.value()) > 0;
            case LESS -> Long.compareUnsigned(arg, condition.value()) < 0;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static int value(Action action) {
    return switch (action) {
      case Action.Allow() -> 0x7fff0000;
      case Action.Kill() -> 0x80000000;
      case Action.Fail(int errno) -> 0x00050000 | errno;
    };
  }

  /** A call that is refused by its 64-bit number must not be open to the other ABIs of the CPU. */
  @ParameterizedTest
  @EnumSource
  void noAbiIsAWayAroundAnother(Arch arch) {
    List<SeccompFilter> filters = new ArrayList<>();
    filters.add(SeccompProfiles.defaultFilter(arch, true));
    filters.add(SeccompProfiles.defaultFilter(arch, false));
    for (String wildcard : List.of("@docker/default-blacklist", "@systemd/mount")) {
      SeccompRequest request = new SeccompRequest(false, List.of(wildcard), "");
      filters.add(SeccompProfiles.requested(request, arch, true, new ArrayList<>()).orElseThrow());
    }
    List<String> dangerous = List.of("mount", "umount2", "move_mount", "open_tree", "pivot_root");
    for (SeccompFilter filter : filters) {
      BpfMachine machine = new BpfMachine(BpfCompiler.compile(filter, arch));
      for (Arch.Abi abi : arch.abis()) {
        for (String name : dangerous) {
          Integer number = abi.numbers().get(name);
          assertThat(number).as("%s of %s", name, abi.oci()).isNotNull();
          assertThat(machine.run(abi.audit(), number, 0, 0, 0, 0, 0, 0))
              .as("%s (%d) of %s", name, number, abi.oci())
              .isNotEqualTo(0x7fff0000);
        }
      }
    }
  }

  /** Nobody types for the user: CVE-2016-2568; CVE-2019-10063 is the upper half. */
  @ParameterizedTest
  @EnumSource
  void terminalInputIsRefusedWhateverTheUpperHalfHolds(Arch arch) {
    byte[] program = BpfCompiler.compile(SeccompProfiles.defaultFilter(arch, true), arch);
    BpfMachine machine = new BpfMachine(program);
    for (Arch.Abi abi : arch.abis()) {
      int ioctl = abi.numbers().get("ioctl");
      for (long upper : new long[] {0, 1L << 32, -1L << 32}) {
        assertThat(machine.run(abi.audit(), ioctl, 0, upper | 0x5412)).isEqualTo(0x00050001);
        assertThat(machine.run(abi.audit(), ioctl, 0, upper | 0x541c)).isEqualTo(0x00050001);
        for (long other :
            new long[] {0x5401, 0x5402, 0x5413, 0x541b, 0x5421, 0x8912, 0xc0045412L}) {
          assertThat(machine.run(abi.audit(), ioctl, 0, upper | other)).isEqualTo(0x7fff0000);
        }
      }
    }
  }

  /** CVE-2014-0038 was one of x32's own. */
  @Test
  void callsOfX32EndTheProcess() {
    BpfMachine machine =
        new BpfMachine(
            BpfCompiler.compile(SeccompProfiles.defaultFilter(Arch.X86_64, true), Arch.X86_64));
    for (int number : new int[] {0, 59, 165, 520, 537, 0x3fffffff, 0x7fffffff, -2}) {
      assertThat(machine.run(Arch.AUDIT_X86_64, Arch.X32_BIT | number)).isEqualTo(0x80000000);
    }
  }

  @Test
  void killsAnUnknownAbi() {
    byte[] program =
        BpfCompiler.compile(SeccompProfiles.defaultFilter(Arch.X86_64, true), Arch.X86_64);
    int riscv = 0xC00000F3;
    assertThat(new BpfMachine(program).run(riscv, 0)).isEqualTo(0x80000000);
  }
}
