package rkt.trust;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;

/**
 * The signatures an image was judged by, as they are kept beside it: enough to judge it again.
 *
 * @param pgp the detached signature file; empty for none
 * @param cosign what was found beside an OCI image
 * @param digests what those may name: the digests of the manifest and of the indexes that led to it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Evidence(byte[] pgp, List<CosignSignature> cosign, List<Digest> digests) {
  public Evidence {
    cosign = List.copyOf(cosign);
    digests = List.copyOf(digests);
  }

  public static Evidence pgp(byte[] signature) {
    return new Evidence(signature, List.of(), List.of());
  }

  public static Evidence cosign(List<CosignSignature> found, List<Digest> digests) {
    return new Evidence(new byte[0], found, digests);
  }

  /** As JSON. */
  public byte[] toJson() {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    if (pgp.length > 0) {
      json.name("kind").value("pgp");
      json.name("signature").value(Base64.getEncoder().encodeToString(pgp));
    } else {
      json.name("kind").value("cosign");
      json.name("cosign").beginArray();
      for (CosignSignature signature : cosign) {
        json.beginObject();
        json.name("payload").value(Base64.getEncoder().encodeToString(signature.payload()));
        json.name("signature").value(signature.signature());
        json.name("origin").value(signature.origin());
        json.endObject();
      }
      json.endArray().name("digests").beginArray();
      for (Digest digest : digests) {
        json.value(digest.toString());
      }
      json.endArray();
    }
    json.endObject();
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws EngineException CORRUPT when it is something else
   */
  public static Evidence parse(byte[] json) throws EngineException {
    try {
      JsonObject object = Json.parseObject(json, "evidence");
      if (object.string("kind", "cosign").equals("pgp")) {
        return pgp(Base64.getDecoder().decode(object.string("signature")));
      }
      List<CosignSignature> found = new ArrayList<>();
      for (JsonObject each : object.objects("cosign")) {
        found.add(
            new CosignSignature(
                Base64.getDecoder().decode(each.string("payload")),
                each.string("signature"),
                each.string("origin")));
      }
      List<Digest> digests = new ArrayList<>();
      for (String digest : object.strings("digests")) {
        digests.add(Digest.parse(digest));
      }
      return cosign(found, digests);
    } catch (SchemaException | IllegalArgumentException e) {
      throw new EngineException(
          ErrorCode.CORRUPT,
          "read the signatures kept beside the image",
          String.valueOf(e.getMessage()),
          "fetch the image again",
          e);
    }
  }
}
