package rkt.store;

import java.io.InputStream;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;

/**
 * One OCI image on its way into the store. Methods may be called from several threads at once, one
 * per layer; {@link #commit} last and once. Closing without a commit abandons the import.
 */
public final class OciImport implements AutoCloseable {
  /** Whether the blob is here; if so it stays here until this import is closed. */
  public boolean hasBlob(Descriptor blob) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Whether both the layer's blob and its unpacked tree are here: nothing to download. */
  public boolean hasLayer(Descriptor layer, Digest diffId) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** A small blob that is here, verified. */
  public byte[] readBlob(Descriptor blob) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Stores a blob; size and digest are verified while it streams. Does not close the stream. */
  public void writeBlob(Descriptor blob, InputStream content) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /**
   * Stores a layer's blob and unpacks it in the same pass. Size, digest and diff ID are verified.
   * Does not close the stream.
   */
  public void unpackLayer(Descriptor layer, Digest diffId, InputStream compressed)
      throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Unpacks a layer whose blob is here but whose tree is not. */
  public void unpackStored(Descriptor layer, Digest diffId) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Makes the image visible, durably, by one rename. */
  public ImageRecord commit(OciCommit commit) throws EngineException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
