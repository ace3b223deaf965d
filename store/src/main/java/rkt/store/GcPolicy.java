package rkt.store;

import java.util.Map;
import java.util.Set;
import rkt.schema.ImageId;

/**
 * What gc must keep.
 *
 * @param removeImages false: sweep only what nothing refers to
 * @param unusedSinceNanos images last used at or after this time (nanoseconds since the epoch) stay
 * @param imagesInUse images of running pods
 * @param treesInUse tree store ids that any pod refers to
 * @param users who uses an image or tree, by its ID, for explanations ("pod 6df7c3f1")
 * @param dryRun decide, but remove nothing
 */
public record GcPolicy(
    boolean removeImages,
    long unusedSinceNanos,
    Set<ImageId> imagesInUse,
    Set<String> treesInUse,
    Map<String, String> users,
    boolean dryRun) {
  /** A download that nobody took up again for so long will not be. */
  private static final long PARTIAL_NANOS = 24L * 3600 * 1_000_000_000L;

  public GcPolicy {
    imagesInUse = Set.copyOf(imagesInUse);
    treesInUse = Set.copyOf(treesInUse);
    users = Map.copyOf(users);
  }

  public GcPolicy(
      boolean removeImages,
      long unusedSinceNanos,
      Set<ImageId> imagesInUse,
      Set<String> treesInUse) {
    this(removeImages, unusedSinceNanos, imagesInUse, treesInUse, Map.of(), false);
  }

  public GcPolicy withUsers(Map<String, String> values) {
    return new GcPolicy(removeImages, unusedSinceNanos, imagesInUse, treesInUse, values, dryRun);
  }

  public GcPolicy withDryRun(boolean value) {
    return new GcPolicy(removeImages, unusedSinceNanos, imagesInUse, treesInUse, users, value);
  }

  String user(String id) {
    String user = users.get(id);
    return user == null ? "a pod" : user;
  }

  /** Interrupted downloads last written at or after this time stay. */
  long partialsSinceNanos() {
    return removeImages
        ? unusedSinceNanos
        : System.currentTimeMillis() * 1_000_000L - PARTIAL_NANOS;
  }
}
