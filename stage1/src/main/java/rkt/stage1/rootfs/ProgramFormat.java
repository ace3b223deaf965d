package rkt.stage1.rootfs;

import java.util.List;
import java.util.Optional;

/**
 * Says whether this machine can run a file at all: {@code execve} calls what it cannot run an "exec
 * format error", whoever made the image for another machine sees no more than that.
 */
final class ProgramFormat {
  static final String REMEDY =
      "use an image for this machine (--platform), or register an emulator with binfmt_misc";

  /** ELF machines that users meet (elf.h). */
  private static final List<String> MACHINES =
      List.of(
          "3=i386",
          "8=MIPS",
          "20=PowerPC",
          "21=ppc64",
          "22=s390x",
          "40=32-bit ARM",
          "62=amd64",
          "183=arm64",
          "243=RISC-V",
          "258=LoongArch");

  private ProgramFormat() {}

  /**
   * The end of a sentence about a file that cannot run here; empty when it can, or may.
   *
   * @param head its first bytes, as far as it has so many
   */
  static Optional<String> foreign(AppTree tree, byte[] head) {
    if (head.length < 4) {
      return Optional.empty();
    }
    if (head[0] == '#' && head[1] == '!') {
      return Optional.empty();
    }
    boolean elf = head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    if (!elf) {
      return tree.hasEmulators()
          ? Optional.empty()
          : Optional.of(
              "is neither a program nor a script (its first line does not begin with #!)");
    }
    if (head.length < 20) {
      return Optional.empty();
    }
    int machine =
        head[5] == 2
            ? (head[18] & 0xff) << 8 | head[19] & 0xff
            : (head[19] & 0xff) << 8 | head[18] & 0xff;
    String name = name(machine);
    // Machines that nobody has heard of are the kernel's to refuse.
    if (name.isEmpty() || runsHere(machine) || tree.hasEmulators()) {
      return Optional.empty();
    }
    return Optional.of("is a program for " + name + ", which this machine cannot run");
  }

  private static String name(int machine) {
    String prefix = machine + "=";
    for (String entry : MACHINES) {
      if (entry.startsWith(prefix)) {
        return entry.substring(prefix.length());
      }
    }
    return "";
  }

  /** 32-bit programs run on their 64-bit successors, where the kernel was built so. */
  private static boolean runsHere(int machine) {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> machine == 62 || machine == 3;
      case "aarch64" -> machine == 183 || machine == 40;
      default -> true;
    };
  }
}
