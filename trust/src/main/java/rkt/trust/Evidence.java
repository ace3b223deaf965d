package rkt.trust;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

  /**
   * What a signature may name to be one of this image: its manifest, or an index that led to it
   * when it was fetched. If these do not lead there the evidence is another image's.
   */
  public List<Digest> digestsOf(Digest manifest) {
    List<Digest> out = new ArrayList<>();
    out.add(manifest);
    if (digests.contains(manifest)) {
      for (Digest digest : digests) {
        if (!out.contains(digest)) {
          out.add(digest);
        }
      }
    }
    return out;
  }

  /** With what was kept of an earlier judgement of the same image. */
  public Evidence with(Evidence earlier) {
    if (pgp.length > 0 || earlier.pgp.length > 0) {
      return this;
    }
    List<CosignSignature> all = new ArrayList<>(cosign);
    for (CosignSignature each : earlier.cosign) {
      boolean known = false;
      for (CosignSignature one : cosign) {
        known |=
            one.signature().equals(each.signature())
                && Arrays.equals(one.payload(), each.payload());
      }
      if (!known && all.size() < CosignJudge.MAX_SIGNATURES) {
        all.add(each);
      }
    }
    List<Digest> either = new ArrayList<>(digests);
    for (Digest digest : earlier.digests) {
      if (!either.contains(digest) && either.size() < CosignJudge.MAX_SIGNATURES) {
        either.add(digest);
      }
    }
    return cosign(all, either);
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
