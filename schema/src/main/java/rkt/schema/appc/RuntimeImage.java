package rkt.schema.appc;

import java.util.Optional;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** The image an app of a pod runs. */
public record RuntimeImage(Optional<AcIdentifier> name, ImageId id, Labels labels) {
  public RuntimeImage {
    OsArch.check(labels);
  }

  static RuntimeImage read(JsonObject json) {
    Optional<String> name = json.optString("name");
    String id = json.string("id");
    Labels labels = Labels.read(json, "labels");
    try {
      return new RuntimeImage(
          name.isPresent() ? Optional.of(new AcIdentifier(name.get())) : Optional.empty(),
          new ImageId(id),
          labels);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject();
    if (name.isPresent()) {
      json.name("name").value(name.get().value());
    }
    json.name("id").value(id.value());
    if (!labels.isEmpty()) {
      json.name("labels");
      labels.write(json);
    }
    json.endObject();
  }
}
