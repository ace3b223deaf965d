package rkt.trust.cosign;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;

/**
 * The document that a cosign signature signs ("simple signing", containers/image
 * signature-protocols): which manifest, and under which name. Believed only after the signature was
 * verified.
 *
 * @param digest the manifest that is vouched for
 * @param reference the name it was signed under; may be empty
 */
public record SimpleSigning(Digest digest, String reference) {
  /** A payload larger than this is refused. */
  public static final int MAX_PAYLOAD = 1 << 20;

  private static final List<String> TYPES =
      List.of(
          "cosign container image signature",
          "atomic container signature",
          "https://sigstore.dev/cosign/sign/v1");

  /** Reads a payload. */
  public static SimpleSigning parse(byte[] payload) throws CosignException {
    try {
      JsonObject critical = Json.parseObject(payload, "payload").object("critical");
      String type = critical.string("type");
      if (!TYPES.contains(type)) {
        throw new CosignException("not a signature of an image but a " + Texts.quote(type));
      }
      Digest digest = Digest.parse(critical.object("image").string("docker-manifest-digest"));
      return new SimpleSigning(digest, critical.object("identity").string("docker-reference", ""));
    } catch (SchemaException e) {
      throw new CosignException("malformed payload: " + e.getMessage(), e);
    }
  }

  /**
   * Whether the name it was signed under is the repository {@code host[:port]/name}, whatever tag.
   */
  public boolean names(String repository) {
    if (reference.isEmpty()) {
      return true;
    }
    try {
      DockerReference signed = DockerReference.parse(reference);
      return (signed.host() + "/" + signed.repository()).equals(repository);
    } catch (SchemaException notAReference) {
      return false;
    }
  }
}
