package rkt.store;

import java.io.IOException;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.schema.trust.Verdict;

/**
 * Decides whether an ACI is let in, by the bytes of its file as they came (compressed, as they were
 * signed) and by its manifest. Used by one thread at a time.
 */
public interface Gate {
  /** Sees every byte of the file, in order, also those behind the end of the archive. */
  void bytes(byte[] block, int offset, int length) throws IOException;

  /**
   * Asked once, after the last byte and before anybody can see the image.
   *
   * @return why it is let in; stored with it
   * @throws EngineException to refuse it; then nothing of it stays
   */
  Verdict admit(ImageManifest manifest, ImageId id) throws EngineException;
}
