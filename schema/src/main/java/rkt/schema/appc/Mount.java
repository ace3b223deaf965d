package rkt.schema.appc;

import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * A volume mounted into an app.
 *
 * @param path where, inside the app
 * @param appVolume a volume of this app alone; beats the pod's volume of the same name
 */
public record Mount(AcName volume, String path, Optional<Volume> appVolume) {
  public Mount {
    Rules.path("path of mount", path);
  }

  /** A volume of the pod. */
  public Mount(AcName volume, String path) {
    this(volume, path, Optional.empty());
  }

  /** Reads {@code volume=NAME,target=PATH}. */
  public static Mount parse(String text) {
    String volume = "";
    String target = "";
    for (Map.Entry<String, String> parameter : ParameterList.parse(text).entrySet()) {
      switch (parameter.getKey()) {
        case "volume" -> volume = parameter.getValue();
        case "target" -> target = parameter.getValue();
        default ->
            throw new SchemaException("unknown mount parameter " + Texts.quote(parameter.getKey()));
      }
    }
    AcName name;
    try {
      name = new AcName(volume);
    } catch (SchemaException e) {
      throw new SchemaException(
          "invalid volume name " + Texts.quote(volume) + " in mount: " + e.getMessage(), e);
    }
    if (target.isEmpty()) {
      throw new SchemaException("target of mount cannot be empty");
    }
    return new Mount(name, target);
  }

  static Mount read(JsonObject json) {
    String volume = json.string("volume");
    String path = json.string("path");
    Optional<JsonObject> appVolume = json.optObject("appVolume");
    try {
      return new Mount(
          new AcName(volume),
          path,
          appVolume.isPresent() ? Optional.of(Volume.read(appVolume.get())) : Optional.empty());
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject().name("volume").value(volume.value()).name("path").value(path);
    if (appVolume.isPresent()) {
      json.name("appVolume");
      appVolume.get().write(json);
    }
    json.endObject();
  }
}
