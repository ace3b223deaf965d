package rkt.stage1.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a seccomp program as the kernel would (net/core/filter.c, seccomp subset). */
final class BpfMachine {
  private final ByteBuffer program;

  BpfMachine(byte[] program) {
    this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
  }

  int run(int arch, int number, long... args) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, number).putInt(4, arch);
    for (int i = 0; i < args.length; i++) {
      data.putLong(16 + 8 * i, args[i]);
    }
    int a = 0;
    for (int pc = 0; ; pc++) {
      int code = program.getShort(pc * 8) & 0xffff;
      int yes = program.get(pc * 8 + 2) & 0xff;
      int no = program.get(pc * 8 + 3) & 0xff;
      int k = program.getInt(pc * 8 + 4);
      switch (code) {
        case 0x20 -> a = data.getInt(k);
        case 0x54 -> a &= k;
        case 0x05 -> pc += k;
        case 0x15 -> pc += a == k ? yes : no;
        case 0x25 -> pc += Integer.compareUnsigned(a, k) > 0 ? yes : no;
        case 0x35 -> pc += Integer.compareUnsigned(a, k) >= 0 ? yes : no;
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("no such instruction: " + code);
      }
    }
  }
}
