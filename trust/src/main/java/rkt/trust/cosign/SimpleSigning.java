package rkt.trust.cosign;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
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

  private static final String REFERENCE = "docker-reference";

  private static final List<String> TYPES =
      List.of(
          "cosign container image signature",
          "atomic container signature",
          "https://sigstore.dev/cosign/sign/v1");

  /** Reads a payload. */
  public static SimpleSigning parse(byte[] payload) throws CosignException {
    try {
      JsonObject critical = object(Json.parseObject(payload, "payload"), "critical");
      String type = string(critical, "type");
      if (!TYPES.contains(type)) {
        throw new CosignException("not a signature of an image but a " + Texts.quote(type));
      }
      Digest digest = Digest.parse(string(object(critical, "image"), "docker-manifest-digest"));
      JsonObject identity = object(critical, "identity");
      boolean named = identity.members().containsKey(REFERENCE);
      return new SimpleSigning(digest, named ? string(identity, REFERENCE) : "");
    } catch (SchemaException e) {
      throw new CosignException("malformed payload: " + e.getMessage(), e);
    }
  }

  // Names are exact here, unlike in JsonObject: what was signed has one meaning for every reader.

  private static JsonObject object(JsonObject parent, String name) throws CosignException {
    if (parent.members().get(name) instanceof JsonObject object) {
      return object;
    }
    throw new CosignException("malformed payload: no object " + Texts.quote(name));
  }

  private static String string(JsonObject parent, String name) throws CosignException {
    if (parent.members().get(name) instanceof JsonString string) {
      return string.value();
    }
    throw new CosignException("malformed payload: no string " + Texts.quote(name));
  }

  /**
   * Whether the name it was signed under is the repository {@code host[:port]/name}, whatever tag.
   * One that was signed under no name is for none.
   */
  public boolean names(String repository) {
    try {
      DockerReference signed = DockerReference.parse(reference);
      return (signed.host() + "/" + signed.repository()).equals(repository);
    } catch (SchemaException notAReference) {
      return false;
    }
  }
}
