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
  public GcPolicy {
    imagesInUse = Set.copyOf(imagesInUse);
    treesInUse = Set.copyOf(treesInUse);
  }
}
