package rkt.store;

import java.util.List;
import java.util.Optional;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Labels;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;

/**
 * One image in the index.
 *
 * @param importTimeNanos nanoseconds since the epoch
 * @param lastUsedNanos nanoseconds since the epoch
 * @param size bytes of the stored blobs (an ACI's uncompressed archive; an OCI image's manifest,
 *     config and layers), without unpacked trees
 * @param latest whether it was asked for without a version (ACI) or by the tag {@code latest}
 * @param manifestDigest OCI: the digest of the manifest for this platform
 * @param diffIds OCI: digests of the uncompressed layers, lowest first
 * @param verdicts why it was let in, the last word first; one for each name it was judged under
 */
public record ImageRecord(
    ImageId id,
    Kind kind,
    AcIdentifier name,
    Labels labels,
    long importTimeNanos,
    long lastUsedNanos,
    long size,
    boolean latest,
    Optional<Digest> manifestDigest,
    List<Digest> diffIds,
    List<Verdict> verdicts) {

  public ImageRecord {
    diffIds = List.copyOf(diffIds);
    verdicts = List.copyOf(verdicts);
    if (verdicts.isEmpty()) {
      throw new IllegalArgumentException("an image without a verdict");
    }
  }

  /** An image that was judged once. */
  public ImageRecord(
      ImageId id,
      Kind kind,
      AcIdentifier name,
      Labels labels,
      long importTimeNanos,
      long lastUsedNanos,
      long size,
      boolean latest,
      Optional<Digest> manifestDigest,
      List<Digest> diffIds,
      Verdict verdict) {
    this(
        id,
        kind,
        name,
        labels,
        importTimeNanos,
        lastUsedNanos,
        size,
        latest,
        manifestDigest,
        diffIds,
        List.of(verdict));
  }

  /** The last word. */
  public Verdict verdict() {
    return verdicts.get(0);
  }

  /** The same image, judged so. */
  public ImageRecord withVerdicts(List<Verdict> values) {
    return new ImageRecord(
        id,
        kind,
        name,
        labels,
        importTimeNanos,
        lastUsedNanos,
        size,
        latest,
        manifestDigest,
        diffIds,
        values);
  }

  /** The two first-class formats. */
  public enum Kind {
    ACI,
    OCI
  }
}
