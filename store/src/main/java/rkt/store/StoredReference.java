package rkt.store;

import rkt.schema.ImageId;

/**
 * A reference as the store remembers it.
 *
 * @param timeNanos when it was last resolved, nanoseconds since the epoch
 */
public record StoredReference(Reference reference, ImageId image, long timeNanos) {}
