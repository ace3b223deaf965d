package rkt.image;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import rkt.schema.json.JsonWriter;

/** What is kept of an OpenPGP signature beside the image that it let in. */
final class SignatureEvidence {
  private SignatureEvidence() {}

  static byte[] of(byte[] signature) {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("kind").value("pgp");
    json.name("signature").value(Base64.getEncoder().encodeToString(signature));
    json.endObject();
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
