package rkt.store;

import rkt.schema.ImageId;

/** How a removal ended. */
public sealed interface RemovalResult {
  ImageId id();

  /**
   * @param freedBytes what removing its blobs gave back
   */
  record Removed(ImageId id, long freedBytes) implements RemovalResult {}

  record NotFound(ImageId id) implements RemovalResult {}

  /** The image is gone from the index, but a file of it resisted; gc will try again. */
  record Partly(ImageId id, String why) implements RemovalResult {}
}
