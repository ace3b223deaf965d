package rkt.schema.appc;

import java.util.Optional;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * An image that another one is layered on.
 *
 * @param size bytes of the archive; 0 when not given
 */
public record Dependency(
    AcIdentifier imageName, Optional<ImageId> imageId, Labels labels, long size) {
  public Dependency {
    if (size < 0) {
      throw new SchemaException("size of dependency must not be negative: " + size);
    }
    OsArch.check(labels);
  }

  static Dependency read(JsonObject json) {
    String name = json.string("imageName");
    Optional<String> id = json.optString("imageID");
    Labels labels = Labels.read(json, "labels");
    long size = json.integer("size", 0);
    try {
      return new Dependency(
          new AcIdentifier(name),
          id.isPresent() && !id.get().isEmpty()
              ? Optional.of(new ImageId(id.get()))
              : Optional.empty(),
          labels,
          size);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject().name("imageName").value(imageName.value());
    if (imageId.isPresent()) {
      json.name("imageID").value(imageId.get().value());
    }
    if (!labels.isEmpty()) {
      json.name("labels");
      labels.write(json);
    }
    if (size != 0) {
      json.name("size").value(size);
    }
    json.endObject();
  }
}
