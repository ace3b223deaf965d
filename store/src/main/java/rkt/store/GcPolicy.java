package rkt.store;

import java.util.Set;
import rkt.schema.ImageId;

/**
 * What gc must keep.
 *
 * @param removeImages false: sweep only what nothing refers to
 * @param unusedSinceNanos images last used at or after this time (nanoseconds since the epoch) stay
 * @param imagesInUse images of running pods
 * @param treesInUse tree store ids that any pod refers to
 */
public record GcPolicy(
    boolean removeImages, long unusedSinceNanos, Set<ImageId> imagesInUse, Set<String> treesInUse) {
  /** A download that nobody took up again for so long will not be. */
  private static final long PARTIAL_NANOS = 24L * 3600 * 1_000_000_000L;

  public GcPolicy {
    imagesInUse = Set.copyOf(imagesInUse);
    treesInUse = Set.copyOf(treesInUse);
  }

  /** Interrupted downloads last written at or after this time stay. */
  long partialsSinceNanos() {
    return removeImages
        ? unusedSinceNanos
        : System.currentTimeMillis() * 1_000_000L - PARTIAL_NANOS;
  }
}
