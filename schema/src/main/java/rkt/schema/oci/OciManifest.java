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
 * An OCI image manifest or a Docker manifest of version 2, schema 2: the configuration and the
 * layers of one image, lowest layer first.
 *
 * @param mediaType {@link MediaTypes#OCI_MANIFEST} when the document does not say
 */
public record OciManifest(
    String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
  private static final String WHAT = "image manifest";

  /** Four times what builders and overlayfs take; each one costs a download and a directory. */
  private static final int MAX_LAYERS = 512;

  public OciManifest {
    if (!MediaTypes.isManifest(mediaType)) {
      throw new SchemaException("not an image manifest: media type " + Texts.quote(mediaType));
    }
    layers = List.copyOf(layers);
    annotations = Fields.sorted(annotations);
  }

  public static OciManifest parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static OciManifest read(JsonValue value) {
    JsonObject json = Json.asObject(value, WHAT);
    Fields.schemaVersion(json);
    Fields.without(json, "an image manifest", "manifests", "fsLayers");
    Descriptor config = Descriptor.read(json.object("config"));
    List<Descriptor> layers = new ArrayList<>();
    for (JsonObject layer : json.array("layers").objects()) {
      layers.add(Descriptor.read(layer));
    }
    if (layers.size() > MAX_LAYERS) {
      throw json.fail(
          "layers",
          "there are " + layers.size() + " of them, at most " + MAX_LAYERS + " are taken");
    }
    Map<String, String> annotations = json.stringMap("annotations");
    try {
      return new OciManifest(
          Fields.nonEmpty(json.optString("mediaType")).orElse(MediaTypes.OCI_MANIFEST),
          config,
          layers,
          annotations);
    } catch (SchemaException e) {
      throw json.locate("mediaType", e);
    }
  }

  public void write(JsonWriter json) {
    json.beginObject().name("schemaVersion").value(2).name("mediaType").value(mediaType);
    json.name("config");
    config.write(json);
    json.name("layers").beginArray();
    for (Descriptor layer : layers) {
      layer.write(json);
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
