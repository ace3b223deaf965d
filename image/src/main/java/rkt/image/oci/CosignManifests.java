package rkt.image.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciManifest;
import rkt.trust.CosignSignature;

/**
 * Signatures as cosign keeps them: an image manifest whose layers are the signed documents, each
 * with its signature in an annotation.
 */
public final class CosignManifests {
  public static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
  public static final String SIGNATURE = "dev.cosignproject.cosign/signature";

  /** Largest signed document read; honest ones have 250 bytes. */
  public static final int PAYLOAD_BYTES = 64 << 10;

  private static final int MAX_SIGNATURES = 64;

  private CosignManifests() {}

  /** Reads a small blob, its digest verified. */
  public interface Blobs {
    byte[] read(Descriptor blob, int limit) throws EngineException, IOException;
  }

  /** The tag that cosign gives to the signatures of an image. */
  public static String tagOf(Digest image) {
    return image.algorithm() + "-" + image.hex() + ".sig";
  }

  /**
   * The signatures in a manifest; what in it is no signature is left out.
   *
   * @param origin where the manifest was found, for messages
   */
  public static List<CosignSignature> read(byte[] manifest, String origin, Blobs blobs)
      throws EngineException, IOException {
    List<CosignSignature> found = new ArrayList<>();
    for (Descriptor layer : OciManifest.parse(manifest).layers()) {
      String signature = layer.annotations().getOrDefault(SIGNATURE, "");
      if (layer.mediaType().equals(PAYLOAD_TYPE)
          && !signature.isEmpty()
          && layer.size() <= PAYLOAD_BYTES
          && found.size() < MAX_SIGNATURES) {
        found.add(new CosignSignature(blobs.read(layer, PAYLOAD_BYTES), signature, origin));
      }
    }
    return found;
  }
}
