package rkt.schema.appc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * The manifest of an image (appc specification, "Image Manifest Schema").
 *
 * @param app absent in images that only serve as dependencies or need {@code --exec}
 * @param pathWhitelist absolute paths that are visible; empty for all
 */
public record ImageManifest(
    SemVer acVersion,
    AcIdentifier name,
    Labels labels,
    Optional<App> app,
    Annotations annotations,
    List<Dependency> dependencies,
    List<String> pathWhitelist) {
  private static final String WHAT = "image manifest";

  public ImageManifest {
    dependencies = List.copyOf(dependencies);
    pathWhitelist = List.copyOf(pathWhitelist);
    OsArch.check(labels);
    for (String path : pathWhitelist) {
      Rules.absolutePath("pathWhitelist", path);
    }
  }

  /** A manifest of the current specification level with nothing but a name. */
  public static ImageManifest of(AcIdentifier name) {
    return new ImageManifest(
        Appc.specVersion(),
        name,
        Labels.EMPTY,
        Optional.empty(),
        Annotations.EMPTY,
        List.of(),
        List.of());
  }

  public static ImageManifest parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static ImageManifest read(JsonValue value) {
    JsonObject json = Json.asObject(value, WHAT);
    String version = json.string("acVersion", "");
    String name = json.string("name", "");
    try {
      Rules.kind(json.string("acKind", ""), Appc.IMAGE_MANIFEST_KIND);
      Rules.mustBeSet("acVersion", version);
      Rules.mustBeSet("name", name);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
    SemVer acVersion = Rules.readVersion(json, version);
    AcIdentifier acName;
    try {
      acName = new AcIdentifier(name);
    } catch (SchemaException e) {
      throw json.locate("name", e);
    }
    Labels labels = Labels.read(json, "labels");
    Optional<App> app = json.has("app") ? Optional.of(App.read(json, "app")) : Optional.empty();
    Annotations annotations = Annotations.read(json, "annotations");
    List<Dependency> dependencies = new ArrayList<>();
    for (JsonObject dependency : json.objects("dependencies")) {
      dependencies.add(Dependency.read(dependency));
    }
    List<String> whitelist = json.strings("pathWhitelist");
    try {
      return new ImageManifest(
          acVersion, acName, labels, app, annotations, dependencies, whitelist);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  public Optional<String> version() {
    return labels.get(Label.VERSION);
  }

  /** {@code name[:version]}: how lists show an image. */
  public String nameAndVersion() {
    Optional<String> version = version();
    return version.isPresent() ? name.value() + ":" + version.get() : name.value();
  }

  /**
   * Checks that rkt can run this image: the labels {@code os} and {@code arch} are there and name a
   * Linux it knows.
   */
  public void checkRunnable() {
    OsArch.checkRunnable(labels);
  }

  public ImageManifest withApp(App newApp) {
    return new ImageManifest(
        acVersion, name, labels, Optional.of(newApp), annotations, dependencies, pathWhitelist);
  }

  public ImageManifest withLabels(Labels newLabels) {
    return new ImageManifest(
        acVersion, name, newLabels, app, annotations, dependencies, pathWhitelist);
  }

  public ImageManifest withAnnotations(Annotations newAnnotations) {
    return new ImageManifest(
        acVersion, name, labels, app, newAnnotations, dependencies, pathWhitelist);
  }

  public void write(JsonWriter json) {
    json.beginObject();
    json.name("acKind").value(Appc.IMAGE_MANIFEST_KIND);
    json.name("acVersion").value(acVersion.value());
    json.name("name").value(name.value());
    if (!labels.isEmpty()) {
      json.name("labels");
      labels.write(json);
    }
    if (app.isPresent()) {
      json.name("app");
      app.get().write(json);
    }
    if (!annotations.isEmpty()) {
      json.name("annotations");
      annotations.write(json);
    }
    if (!dependencies.isEmpty()) {
      json.name("dependencies").beginArray();
      for (Dependency dependency : dependencies) {
        dependency.write(json);
      }
      json.endArray();
    }
    if (!pathWhitelist.isEmpty()) {
      json.name("pathWhitelist").strings(pathWhitelist);
    }
    json.endObject();
  }

  public String toJson() {
    JsonWriter json = JsonWriter.compact();
    write(json);
    return json.toString();
  }

  public String toPrettyJson() {
    JsonWriter json = JsonWriter.pretty();
    write(json);
    return json.toString();
  }
}
