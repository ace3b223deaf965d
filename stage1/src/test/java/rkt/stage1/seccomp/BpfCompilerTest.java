package rkt.stage1.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

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
    agree(
        SeccompProfiles.requested(request, arch, true, new java.util.ArrayList<>()).orElseThrow(),
        arch);
  }

  private static void agree(SeccompFilter filter, Arch arch) {
    BpfMachine machine = new BpfMachine(BpfCompiler.compile(filter, arch));
    Random random = new Random(SEED);
    for (Arch.Abi abi : arch.abis()) {
      Map<Integer, String> names = new TreeMap<>();
      abi.numbers().forEach((name, number) -> names.put(number, name));
      for (int offset = -1; offset < 1200; offset++) {
        int number = abi.base() + offset;
        if (arch == Arch.X86_64 && offset < 0 && abi.base() > 0) {
          continue; // belongs to the other ABI of the same audit architecture
        }
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

  @Test
  void killsAnUnknownAbi() {
    byte[] program =
        BpfCompiler.compile(SeccompProfiles.defaultFilter(Arch.X86_64, true), Arch.X86_64);
    int riscv = 0xC00000F3;
    assertThat(new BpfMachine(program).run(riscv, 0)).isEqualTo(0x80000000);
  }
}
