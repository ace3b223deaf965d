package rkt.stage1.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine and the ABIs its programs may use. */
public enum Arch {
  X86_64,
  AARCH64;

  /** {@code AUDIT_ARCH_*} of linux/audit.h. */
  static final int AUDIT_X86_64 = 0xC000003E;

  private static final int AUDIT_I386 = 0x40000003;
  private static final int AUDIT_AARCH64 = 0xC00000B7;
  private static final int AUDIT_ARM = 0x40000028;

  /**
   * {@code __X32_SYSCALL_BIT}: x32 shares the audit architecture of x86-64. Nothing in use needs
   * that ABI, it has had holes of its own (CVE-2014-0038), and a filter for it costs a runtime that
   * compiles one 9 ms at every start: its calls end the process.
   */
  static final int X32_BIT = 0x40000000;

  /**
   * One ABI.
   *
   * @param oci the name in an OCI seccomp section
   * @param audit what {@code seccomp_data.arch} holds
   */
  record Abi(String oci, int audit, String table) {
    /** Numbers by name. */
    Map<String, Integer> numbers() {
      Map<String, Integer> numbers = new HashMap<>(1024);
      int next = 0;
      for (String word : SyscallSets.words(table)) {
        if (word.charAt(0) <= '9') {
          next = Integer.parseInt(word);
        } else {
          numbers.put(word, next);
          next++;
        }
      }
      return numbers;
    }
  }

  /** This machine, when filters can be compiled for it. */
  public static Optional<Arch> host() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }

  /** The native ABI first, then those of programs that also run here. */
  List<Abi> abis() {
    List<Abi> abis = new ArrayList<>(2);
    switch (this) {
      case X86_64 -> {
        abis.add(new Abi("SCMP_ARCH_X86_64", AUDIT_X86_64, SyscallNumbers.X86_64));
        abis.add(new Abi("SCMP_ARCH_X86", AUDIT_I386, SyscallNumbers.X86));
      }
      case AARCH64 -> {
        abis.add(new Abi("SCMP_ARCH_AARCH64", AUDIT_AARCH64, SyscallNumbers.AARCH64));
        abis.add(new Abi("SCMP_ARCH_ARM", AUDIT_ARM, SyscallNumbers.ARM));
      }
    }
    return abis;
  }
}
