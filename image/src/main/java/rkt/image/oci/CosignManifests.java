package rkt.image.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
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

  private static final String NOTHING =
      "{\"architecture\":\"\",\"os\":\"\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

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

  /**
   * A manifest of signatures, and the blobs it names.
   *
   * @param config of the manifest; says nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Written(byte[] manifest, byte[] config, List<byte[]> payloads) {
    public Written {
      payloads = List.copyOf(payloads);
    }
  }

  /** The manifest that holds these signatures, as cosign writes it. */
  public static Written write(List<CosignSignature> signatures) {
    byte[] config = NOTHING.getBytes(StandardCharsets.UTF_8);
    List<Descriptor> layers = new ArrayList<>();
    List<byte[]> payloads = new ArrayList<>();
    for (CosignSignature one : signatures) {
      payloads.add(one.payload());
      layers.add(
          new Descriptor(
              PAYLOAD_TYPE,
              Digests.of(Digest.SHA256, one.payload()),
              one.payload().length,
              Optional.empty(),
              Map.of(SIGNATURE, one.signature()),
              List.of()));
    }
    OciManifest manifest =
        new OciManifest(
            MediaTypes.OCI_MANIFEST,
            new Descriptor(MediaTypes.OCI_CONFIG, Digests.of(Digest.SHA256, config), config.length),
            layers,
            Map.of());
    return new Written(manifest.toJson().getBytes(StandardCharsets.UTF_8), config, payloads);
  }

  /** Whether a signed document speaks of this very digest. */
  public static boolean names(byte[] payload, Digest image) {
    try {
      return Json.parseObject(payload, "the signed document")
          .object("critical")
          .object("image")
          .string("docker-manifest-digest")
          .equals(image.toString());
    } catch (SchemaException e) {
      return false;
    }
  }
}
