package rkt.image.registry;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.store.ResumableSource;

/**
 * What the store asks for the bytes of one blob that it does not have. Remembers why that failed,
 * since the store only knows that its input broke off.
 */
final class BlobSource implements ResumableSource {
  private final BlobPuller blobs;
  private final String attempted;
  private final Descriptor blob;
  private final BlobPuller.ByteCount counted;
  private @Nullable BlobStream stream;
  private @Nullable EngineException failure;

  BlobSource(BlobPuller blobs, String attempted, Descriptor blob, BlobPuller.ByteCount counted) {
    this.blobs = blobs;
    this.attempted = attempted;
    this.blob = blob;
    this.counted = counted;
  }

  @Override
  public InputStream open(long from) throws EngineException {
    failure = null;
    try {
      BlobStream opened = blobs.open(attempted, blob, from, counted);
      stream = opened;
      return opened;
    } catch (EngineException e) {
      failure = e;
      throw e;
    }
  }

  /** What to report when the store failed: our own failure, if there was one. */
  EngineException headline(EngineException stores) {
    EngineException opening = failure;
    if (opening != null) {
      return opening;
    }
    BlobStream opened = stream;
    return opened == null ? stores : opened.headline(stores);
  }
}
