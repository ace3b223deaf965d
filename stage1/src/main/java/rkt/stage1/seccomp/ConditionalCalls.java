package rkt.stage1.seccomp;

import java.util.List;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Condition;
import rkt.stage1.seccomp.SeccompFilter.Rule;

/**
 * Calls that are harmless with some arguments only. Conditions that allow compare all 64 bits or
 * mask off what the kernel ignores too: a caller may put anything into the upper half of an int.
 */
final class ConditionalCalls {
  static final Action ALLOW = new Action.Allow();

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EAFNOSUPPORT = 97;

  private static final long FORMAT = 0xf000;
  private static final long CHARACTER = 0x2000;
  private static final long BLOCK = 0x6000;
  private static final long WORD = 0xffffffffL;

  /** Any of NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
  private static final long NEW_NAMESPACE = 0x7E020000L;

  /** null, zero, full, random, urandom (1:3, 1:5, 1:7 to 1:9) and tty (5:0). */
  private static final long[] DEVICES = {0x103, 0x105, 0x107, 0x108, 0x109, 0x500};

  /** Value and mask of the device numbers between those: together they cover 0x104 to 0x4ff. */
  private static final long[][] DEVICE_GAPS = {
    {0x104, 0xffffffffL}, {0x106, 0xffffffffL}, {0x10a, 0xfffffffeL}, {0x10c, 0xfffffffcL},
    {0x110, 0xfffffff0L}, {0x120, 0xffffffe0L}, {0x140, 0xffffffc0L}, {0x180, 0xffffff80L},
    {0x200, 0xffffff00L}, {0x300, 0xffffff00L}, {0x400, 0xffffff00L},
  };

  /** Names this class has rules for. */
  static boolean contains(String name) {
    return switch (name) {
      case "clone", "ioctl", "personality", "socket" -> true;
      default -> false;
    };
  }

  /** The rules of one such call in a whitelist. */
  static void allow(String name, List<Rule> rules) {
    List<String> names = List.of(name);
    switch (name) {
      // A new user namespace hands out every capability inside it, and with it the kernel code
      // behind those capabilities: the way in of most local exploits.
      case "clone" -> rules.add(rule(names, ALLOW, Condition.masked(0, NEW_NAMESPACE, 0)));
      case "ioctl" -> terminalInput(rules);
      // PER_LINUX, PER_LINUX32, UNAME26, both, and "tell me"; not ADDR_NO_RANDOMIZE.
      case "personality" -> {
        for (long persona : new long[] {0, 8, 0x20000, 0x20008, WORD}) {
          rules.add(rule(names, ALLOW, Condition.equal(0, persona)));
        }
      }
      // Not AF_ALG (38), the kernel's crypto code, nor AF_VSOCK (40), the way to the hypervisor.
      // (socketcall of 32-bit programs hides its arguments from filters.)
      case "socket" -> {
        long[][] families = {
          {0, ~31L}, {32, ~3L}, {36, ~1L}, {39, ~0L}, {41, ~0L}, {42, ~1L}, {44, ~3L}
        };
        for (long[] family : families) {
          rules.add(rule(names, ALLOW, Condition.masked(0, family[1] & WORD, family[0])));
        }
        Action refused = new Action.Fail(EAFNOSUPPORT);
        rules.add(rule(names, refused, Condition.masked(0, WORD, 38)));
        rules.add(rule(names, refused, Condition.masked(0, WORD, 40)));
      }
      default -> throw new IllegalArgumentException(name);
    }
  }

  /**
   * All but TIOCSTI (0x5412) and TIOCLINUX (0x541c): typing on the terminal that one was given, for
   * example by {@code echo x | rkt enter UUID sh}, is typing in the shell of whoever gave it
   * (CVE-2016-2568). Bit by bit, because only so can a rule say "not this" about the lower half
   * alone: the kernel ignores the upper one (CVE-2019-10063).
   */
  private static void terminalInput(List<Rule> rules) {
    List<String> names = List.of("ioctl");
    long[][] lastDigits = {{0xe, 0x0}, {0xf, 0x3}, {0xc, 0x4}, {0xc, 0x8}, {0xf, 0xd}, {0xe, 0xe}};
    for (long[] digit : lastDigits) {
      rules.add(rule(names, ALLOW, Condition.masked(1, digit[0], digit[1])));
    }
    for (int i = 4; i < 32; i++) {
      long bit = 1L << i;
      rules.add(rule(names, ALLOW, Condition.masked(1, bit, ~0x5410L & bit)));
    }
    Action refused = new Action.Fail(EPERM);
    rules.add(rule(names, refused, Condition.masked(1, WORD, 0x5412)));
    rules.add(rule(names, refused, Condition.masked(1, WORD, 0x541c)));
  }

  /**
   * clone3 hides its flags in memory where no filter can read them. ENOSYS makes C libraries fall
   * back to clone.
   */
  static Rule noClone3() {
    return new Rule(List.of("clone3"), new Action.Fail(ENOSYS));
  }

  /**
   * The device policy of mknod: anything but devices, and the devices that every app may open.
   * Runtimes let every device be created (only opening is policed), and a node made in a volume can
   * be opened by the host.
   *
   * @param complete whether the default would allow what no rule mentions, so that every number
   *     needs a rule; otherwise the rules only give the usual refusals their proper error
   */
  static void devices(boolean complete, List<Rule> rules) {
    devices("mknod", 1, complete, rules);
    devices("mknodat", 2, complete, rules);
  }

  private static void devices(String name, int mode, boolean complete, List<Rule> rules) {
    List<String> names = List.of(name);
    int device = mode + 1;
    for (long type : new long[] {0, 0x8000, 0x1000, 0xc000}) { // regular twice, fifo, socket
      rules.add(rule(names, ALLOW, Condition.masked(mode, FORMAT, type)));
    }
    Condition character = Condition.masked(mode, FORMAT, CHARACTER);
    for (long allowed : DEVICES) {
      rules.add(rule(names, ALLOW, character, Condition.equal(device, allowed)));
    }
    Action refused = new Action.Fail(EPERM);
    rules.add(rule(names, refused, Condition.masked(mode, FORMAT, BLOCK)));
    rules.add(rule(names, refused, character, Condition.less(device, DEVICES[0])));
    rules.add(rule(names, refused, character, Condition.greater(device, 0x500)));
    if (complete) {
      for (long[] gap : DEVICE_GAPS) {
        rules.add(rule(names, refused, character, Condition.masked(device, gap[1], gap[0])));
      }
    }
  }

  private static Rule rule(List<String> names, Action action, Condition... conditions) {
    return new Rule(names, action, List.of(conditions));
  }

  private ConditionalCalls() {}
}
