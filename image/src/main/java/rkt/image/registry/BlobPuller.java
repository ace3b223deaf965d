package rkt.image.registry;

import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;

/** Pulls blobs: {@code GET /v2/NAME/blobs/DIGEST}. The store verifies the digest while it reads. */
final class BlobPuller {
  private final RegistryCaller caller;
  private final String repository;

  BlobPuller(RegistryCaller caller, String repository) {
    this.caller = caller;
    this.repository = repository;
  }

  /**
   * The blob's bytes: exactly as many as its descriptor says, or the stream fails. A connection
   * that breaks half-way is taken up again where it broke.
   *
   * @param counted told about every batch of bytes
   */
  BlobStream open(String attempted, Descriptor blob, ByteCount counted) throws EngineException {
    return BlobStream.open(
        caller, attempted, "/v2/" + repository + "/blobs/" + blob.digest(), blob.size(), counted);
  }

  /** Receives counts of downloaded bytes. */
  interface ByteCount {
    void add(long bytes);
  }
}
