package rkt.schema.trust;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * Why an image was let into the store: kept in its record, and looked at again when the image is
 * used under a policy that may have become stricter.
 *
 * @param kind what was established
 * @param subject the name the image was judged under: an appc name, or {@code
 *     host[:port]/repository}
 * @param rule the prefix of the policy rule that decided; empty for the default
 * @param key what the signature was made with: the 40 hex digits of an OpenPGP primary key's
 *     fingerprint, or {@code sha256:} and the digest of a cosign public key (DER); empty for an
 *     unsigned image
 * @param identities whose key it is, in the key's own words
 * @param timeNanos when it was established, nanoseconds since the epoch
 */
public record Verdict(
    Kind kind, String subject, String rule, String key, List<String> identities, long timeNanos) {

  /** What was established. The words are those of the stored document. */
  public enum Kind {
    /** A good OpenPGP signature by a trusted key. */
    PGP("pgp"),
    /** A good cosign signature by a key the policy names. */
    COSIGN("cosign"),
    /** Unsigned, from a prefix the policy accepts unsigned images from. */
    UNSIGNED("unsigned"),
    /** Nothing was checked, because an insecure option said so. */
    UNCHECKED("unchecked");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As it is written down. */
    public String word() {
      return word;
    }
  }

  public Verdict {
    identities = List.copyOf(identities);
  }

  /** Nothing is known: also what records of before there were verdicts mean. */
  public static Verdict unchecked(String subject, long timeNanos) {
    return new Verdict(Kind.UNCHECKED, subject, "", "", List.of(), timeNanos);
  }

  /** Writes the verdict as one JSON object. */
  public void write(JsonWriter json) {
    json.beginObject();
    json.name("kind").value(kind.word());
    json.name("subject").value(subject);
    json.name("rule").value(rule);
    json.name("key").value(key);
    json.name("identities").beginArray();
    for (String identity : identities) {
      json.value(identity);
    }
    json.endArray();
    json.name("time").value(timeNanos);
    json.endObject();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws SchemaException when a member is missing or of the wrong type, or the kind is unknown
   */
  public static Verdict read(JsonObject json) {
    String word = json.string("kind");
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(word)) {
        return new Verdict(
            kind,
            json.string("subject"),
            json.string("rule"),
            json.string("key"),
            json.strings("identities"),
            json.integer("time"));
      }
    }
    throw new SchemaException("unknown verdict \"" + word + "\"");
  }
}
