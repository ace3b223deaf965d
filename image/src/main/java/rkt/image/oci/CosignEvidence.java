package rkt.image.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.trust.CosignSignature;

/** The cosign signatures an image was judged by, as they are kept beside it in the store. */
public final class CosignEvidence {
  private CosignEvidence() {}

  /** For {@code ImageStore.saveEvidence}. */
  public static byte[] write(List<CosignSignature> signatures) {
    JsonWriter json = JsonWriter.compact();
    json.beginObject().name("cosign").beginArray();
    for (CosignSignature signature : signatures) {
      json.beginObject();
      json.name("payload").value(Base64.getEncoder().encodeToString(signature.payload()));
      json.name("signature").value(signature.signature());
      json.name("origin").value(signature.origin());
      json.endObject();
    }
    return json.endArray().endObject().toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws SchemaException when it is damaged
   */
  public static List<CosignSignature> read(byte[] json) {
    List<CosignSignature> found = new ArrayList<>();
    for (JsonObject one : Json.parseObject(json, "the signatures kept").objects("cosign")) {
      try {
        found.add(
            new CosignSignature(
                Base64.getDecoder().decode(one.string("payload")),
                one.string("signature"),
                one.string("origin")));
      } catch (IllegalArgumentException e) {
        throw one.fail("payload", "it is not base64");
      }
    }
    return found;
  }
}
