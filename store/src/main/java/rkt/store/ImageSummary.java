package rkt.store;

import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Labels;

/**
 * What a listing shows of an image; cheaper than its record.
 *
 * @param blobBytes as {@link ImageRecord#size}
 * @param treeBytes in its rendered tree or its unpacked layers
 */
public record ImageSummary(
    ImageId id,
    ImageRecord.Kind kind,
    AcIdentifier name,
    Labels labels,
    long importTimeNanos,
    long lastUsedNanos,
    boolean latest,
    long blobBytes,
    long treeBytes) {
  /** All of it, shared or not. */
  public long size() {
    return blobBytes + treeBytes;
  }
}
