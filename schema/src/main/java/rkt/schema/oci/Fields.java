package rkt.schema.oci;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;

/** Reading habits the OCI documents share. */
final class Fields {
  private Fields() {}

  /** Writers in Go emit {@code ""} where they mean nothing. */
  static Optional<String> nonEmpty(Optional<String> text) {
    return text.isPresent() && text.get().isEmpty() ? Optional.empty() : text;
  }

  static Map<String, String> sorted(Map<String, String> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
  }

  /** Both document kinds demand version 2; Docker's version 1 is a different, unsafe format. */
  static void schemaVersion(JsonObject json) {
    long version = json.integer("schemaVersion");
    if (version != 2) {
      throw json.fail("schemaVersion", "must be 2, not " + version);
    }
  }

  /**
   * Refuses a document that carries a field of the other kind: one digest must not mean an image to
   * one reader and an index to another (CVE-2021-41190).
   */
  static void without(JsonObject json, String what, String... foreign) {
    for (String field : foreign) {
      if (json.has(field)) {
        throw json.locate(
            new SchemaException("ambiguous document: " + what + " must not have " + field));
      }
    }
  }
}
