package rkt.schema.appc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * One app of a pod.
 *
 * @param app replaces the whole app section of the image when present
 */
public record RuntimeApp(
    AcName name,
    RuntimeImage image,
    Optional<App> app,
    boolean readOnlyRootFs,
    List<Mount> mounts,
    Annotations annotations) {
  public RuntimeApp {
    mounts = List.copyOf(mounts);
  }

  static RuntimeApp read(JsonObject json) {
    String name = json.string("name");
    if (!json.has("image") || !json.object("image").has("id")) {
      throw json.locate(new SchemaException("no image ID for app " + Texts.quote(name)));
    }
    RuntimeImage image = RuntimeImage.read(json.object("image"));
    Optional<App> app = json.has("app") ? Optional.of(App.read(json, "app")) : Optional.empty();
    boolean readOnly = json.bool("readOnlyRootFS", false);
    List<Mount> mounts = new ArrayList<>();
    for (JsonObject mount : json.objects("mounts")) {
      mounts.add(Mount.read(mount));
    }
    Annotations annotations = Annotations.read(json, "annotations");
    try {
      return new RuntimeApp(new AcName(name), image, app, readOnly, mounts, annotations);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  public RuntimeApp withApp(App newApp) {
    return new RuntimeApp(name, image, Optional.of(newApp), readOnlyRootFs, mounts, annotations);
  }

  void write(JsonWriter json) {
    json.beginObject().name("name").value(name.value());
    json.name("image");
    image.write(json);
    if (app.isPresent()) {
      json.name("app");
      app.get().write(json);
    }
    if (readOnlyRootFs) {
      json.name("readOnlyRootFS").value(true);
    }
    if (!mounts.isEmpty()) {
      json.name("mounts").beginArray();
      for (Mount mount : mounts) {
        mount.write(json);
      }
      json.endArray();
    }
    if (!annotations.isEmpty()) {
      json.name("annotations");
      annotations.write(json);
    }
    json.endObject();
  }
}
