package rkt.stage1;

import java.util.Optional;

/**
 * The host's user and group IDs that a pod's user namespace maps its own to.
 *
 * @param first the host's ID that is 0 in the pod
 * @param count how many; the pod has the IDs 0 to {@code count - 1}
 */
public record IdRange(int first, int count) {
  /** As many as an image is written for. */
  public static final int COUNT = 65536;

  /** No lower ID belongs to a pod: those are the host's people and services. */
  private static final int LOWEST = 65536;

  public IdRange {
    if (count < 1 || count > COUNT || first < LOWEST || first > Integer.MAX_VALUE - count + 1) {
      throw new IllegalArgumentException("range of IDs " + first + ":" + count);
    }
  }

  /** The range of this number: 1 to 0x7fff. */
  public static IdRange numbered(int number) {
    return new IdRange(number * COUNT, COUNT);
  }

  /** What {@link #text} wrote; empty when it is nothing of the kind. */
  public static Optional<IdRange> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    try {
      int first = Integer.parseInt(text.substring(0, colon));
      return Optional.of(new IdRange(first, Integer.parseInt(text.substring(colon + 1))));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** {@code SHIFT:COUNT}, as {@code private-users-prepared} has it. */
  public String text() {
    return first + ":" + count;
  }

  /** Whether the pod has this ID. */
  public boolean has(long id) {
    return id >= 0 && id < count;
  }
}
