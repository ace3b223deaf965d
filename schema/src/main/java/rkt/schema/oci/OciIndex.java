package rkt.schema.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * An OCI image index or a Docker manifest list: one image for several platforms.
 *
 * @param mediaType {@link MediaTypes#OCI_INDEX} when the document does not say
 */
public record OciIndex(
    String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
  private static final String WHAT = "image index";

  public OciIndex {
    if (!MediaTypes.isIndex(mediaType)) {
      throw new SchemaException("not an image index: media type " + Texts.quote(mediaType));
    }
    manifests = List.copyOf(manifests);
    annotations = Fields.sorted(annotations);
  }

  public static OciIndex parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static OciIndex read(JsonValue value) {
    JsonObject json = Json.asObject(value, WHAT);
    Fields.schemaVersion(json);
    Fields.without(json, "an image index", "config", "layers", "fsLayers");
    List<Descriptor> manifests = new ArrayList<>();
    for (JsonObject manifest : json.array("manifests").objects()) {
      manifests.add(Descriptor.read(manifest));
    }
    Map<String, String> annotations = json.stringMap("annotations");
    try {
      return new OciIndex(
          Fields.nonEmpty(json.optString("mediaType")).orElse(MediaTypes.OCI_INDEX),
          manifests,
          annotations);
    } catch (SchemaException e) {
      throw json.locate("mediaType", e);
    }
  }

  public void write(JsonWriter json) {
    json.beginObject().name("schemaVersion").value(2).name("mediaType").value(mediaType);
    json.name("manifests").beginArray();
    for (Descriptor manifest : manifests) {
      manifest.write(json);
    }
    json.endArray();
    if (!annotations.isEmpty()) {
      json.name("annotations").stringMap(annotations);
    }
    json.endObject();
  }

  public String toJson() {
    JsonWriter json = JsonWriter.compact();
    write(json);
    return json.toString();
  }
}
