package rkt.schema;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Seeded random input; a failure names its seed, which {@code -Drkt.seed=N} repeats. */
public final class Seeds {
  private Seeds() {}

  /** One run of a generated test. */
  public interface Trial {
    void run(Random random) throws Exception;
  }

  public static void repeat(int times, Trial trial) {
    String fixed = System.getProperty("rkt.seed");
    long first = fixed == null ? System.nanoTime() : Long.parseLong(fixed);
    for (int i = 0; i < (fixed == null ? times : 1); i++) {
      long seed = first + i;
      try {
        trial.run(new Random(seed));
      } catch (Exception | AssertionError | StackOverflowError e) {
        throw new AssertionError(
            "seed " + seed + " (repeat with -Drkt.seed=" + seed + "): " + e, e);
      }
    }
  }

  /** The text with a few random bytes replaced, removed, doubled or cut off. */
  public static byte[] mutate(Random random, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes = mutateOnce(random, bytes);
    }
    return bytes;
  }

  private static byte[] mutateOnce(Random random, byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    String alphabet = "{}[]\",:\\0123456789-.eEtfn \n\u0000\u007fABC/_";
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] = (byte) random.nextInt(256);
      case 1 -> bytes[at] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
      case 2 -> bytes = java.util.Arrays.copyOf(bytes, at);
      case 3 -> bytes = splice(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), at);
      default -> bytes = splice(bytes, at, at, Math.min(bytes.length, at + 1 + random.nextInt(40)));
    }
    return bytes;
  }

  /** Everything but [from, to), with [from, again) twice. */
  private static byte[] splice(byte[] bytes, int from, int to, int again) {
    byte[] out = new byte[bytes.length - (to - from) + (again - from)];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(bytes, from, out, from, again - from);
    System.arraycopy(bytes, to, out, again, bytes.length - to);
    return out;
  }
}
