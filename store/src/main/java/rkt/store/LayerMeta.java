package rkt.store;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;

/**
 * What is known of an unpacked layer.
 *
 * @param size uncompressed bytes of its archive
 * @param implicitDirs directories its archive does not state, "" for the root
 * @param rootOpaque whether it hides all layers below it
 */
record LayerMeta(Digest diffId, long size, Set<String> implicitDirs, boolean rootOpaque) {
  LayerMeta {
    implicitDirs = Set.copyOf(implicitDirs);
  }

  String toJson() {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("diffId").value(diffId.toString());
    json.name("size").value(size);
    json.name("rootOpaque").value(rootOpaque);
    json.name("implicit").strings(List.copyOf(new TreeSet<>(implicitDirs)));
    json.endObject();
    return json.toString();
  }

  static LayerMeta parse(byte[] bytes, String what) {
    if (!(Json.parse(bytes, what) instanceof JsonObject json)) {
      throw new SchemaException(what + " is not an object");
    }
    return new LayerMeta(
        Digest.parse(json.string("diffId")),
        json.integer("size"),
        Set.copyOf(json.strings("implicit")),
        json.bool("rootOpaque"));
  }
}
