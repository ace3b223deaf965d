package rkt.image.http;

import java.util.Optional;
import rkt.image.registry.Reply;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * By what a server recognizes a version of a file; kept beside the bytes of an unfinished download.
 *
 * @param etag entity tag, empty when the server sent none
 * @param lastModified date as the server wrote it, empty when it sent none
 */
record Validators(String etag, String lastModified) {
  static final Validators NONE = new Validators("", "");

  private static final int MAX_LENGTH = 1024;

  static Validators of(Reply reply) {
    return new Validators(bounded(reply, "etag"), bounded(reply, "last-modified"));
  }

  private static String bounded(Reply reply, String name) {
    return reply.header(name).filter(Validators::canBeSentBack).orElse("");
  }

  /** Requests are sent in ASCII: anything else would come back as another tag. */
  private static boolean canBeSentBack(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return value.length() <= MAX_LENGTH;
  }

  /** Reads what {@link #toNote} wrote; anything else is worth nothing. */
  static Validators parse(Optional<String> note) {
    if (note.isEmpty()) {
      return NONE;
    }
    try {
      JsonObject json =
          Json.parseObject(note.get().getBytes(java.nio.charset.StandardCharsets.UTF_8), "");
      return new Validators(json.string("etag", ""), json.string("lastModified", ""));
    } catch (SchemaException e) {
      return NONE;
    }
  }

  /** Whether some of what a note is about came without protection. */
  static boolean isUnprotected(Optional<String> note) {
    try {
      return note.isPresent()
          && Json.parseObject(note.get().getBytes(java.nio.charset.StandardCharsets.UTF_8), "")
              .has("unprotected");
    } catch (SchemaException e) {
      return true;
    }
  }

  /**
   * @param unprotected whether others may have had a hand in the bytes
   */
  String toNote(boolean unprotected) {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("etag").value(etag);
    json.name("lastModified").value(lastModified);
    if (unprotected) {
      json.name("unprotected").value(true);
    }
    json.endObject();
    return json.toString();
  }

  /**
   * What to send as {@code If-Range}; empty when the server could not tell. A weak tag does not
   * promise equal bytes (RFC 9110, 13.1.5).
   */
  String ifRange() {
    return etag.isEmpty() || etag.startsWith("W/") ? lastModified : etag;
  }
}
