package rkt.image.registry;

import java.util.List;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;

/**
 * Pulls blobs: {@code GET /v2/NAME/blobs/DIGEST}, from the first place that has them. The store
 * verifies the digest while it reads.
 */
final class BlobPuller {
  private final List<RegistryCaller> callers;
  private final Diagnostics diagnostics;

  /**
   * @param callers in the order to ask them; at least one
   */
  BlobPuller(List<RegistryCaller> callers, Diagnostics diagnostics) {
    this.callers = List.copyOf(callers);
    this.diagnostics = diagnostics;
  }

  /**
   * The blob's bytes: exactly as many as its descriptor says, or the stream fails. A connection
   * that breaks half-way is taken up again where it broke, in the end at another place.
   *
   * @param from the first byte wanted
   * @param counted told about every batch of bytes
   */
  BlobStream open(String attempted, Descriptor blob, long from, ByteCount counted)
      throws EngineException {
    return BlobStream.open(callers, diagnostics, attempted, blob, from, counted);
  }

  /** The places after the first one, for when that one gave something wrong. */
  Optional<BlobPuller> elsewhere() {
    return callers.size() < 2
        ? Optional.empty()
        : Optional.of(new BlobPuller(callers.subList(1, callers.size()), diagnostics));
  }

  /** What the store does with the bytes of a blob. */
  interface Use {
    void run(BlobSource source) throws EngineException;
  }

  /**
   * Lets the store take in a blob. A place whose bytes turn out wrong, which only the store can
   * tell, is left for the next one.
   */
  static void store(BlobPuller blobs, String attempted, Descriptor blob, ByteCount counted, Use use)
      throws EngineException {
    BlobPuller puller = blobs;
    EngineException first = null;
    while (true) {
      BlobSource source = new BlobSource(puller, attempted, blob, counted);
      try {
        use.run(source);
        return;
      } catch (EngineException e) {
        EngineException shown = source.headline(e);
        Optional<BlobPuller> next =
            shown.code() == ErrorCode.CORRUPT ? puller.elsewhere() : Optional.empty();
        if (first == null) {
          first = shown;
        } else {
          first.addSuppressed(shown);
        }
        if (next.isEmpty()) {
          throw first;
        }
        puller.diagnostics.debug(shown.getMessage() + "; trying the next place");
        puller = next.get();
      }
    }
  }

  /** Receives counts of downloaded bytes. */
  interface ByteCount {
    void add(long bytes);
  }
}
