package rkt.schema.appc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * The manifest of a pod (appc specification, "Pod Manifest Schema").
 *
 * @param acVersion the version of the rkt that wrote it, as the ancestor did
 * @param isolators of the pod as a whole; parsed, not enforced
 */
public record PodManifest(
    SemVer acVersion,
    List<RuntimeApp> apps,
    List<Volume> volumes,
    List<Isolator> isolators,
    Annotations annotations,
    List<ExposedPort> ports,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels) {
  private static final String WHAT = "pod manifest";

  public PodManifest {
    apps = List.copyOf(apps);
    volumes = List.copyOf(volumes);
    isolators = List.copyOf(isolators);
    ports = List.copyOf(ports);
    userAnnotations = Rules.sorted(userAnnotations);
    userLabels = Rules.sorted(userLabels);
    Set<AcName> seen = new HashSet<>();
    for (RuntimeApp app : apps) {
      if (!seen.add(app.name())) {
        throw new SchemaException("duplicate apps of name " + Texts.quote(app.name().value()));
      }
    }
    seen.clear();
    for (Volume volume : volumes) {
      if (!seen.add(volume.name())) {
        throw new SchemaException("duplicate volume name " + Texts.quote(volume.name().value()));
      }
    }
    Isolators.checkSet(isolators);
  }

  /** A manifest of this rkt's version with these apps and nothing else. */
  public static PodManifest of(List<RuntimeApp> apps) {
    return new PodManifest(
        Appc.podVersion(),
        apps,
        List.of(),
        List.of(),
        Annotations.EMPTY,
        List.of(),
        Map.of(),
        Map.of());
  }

  public static PodManifest parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static PodManifest read(JsonValue value) {
    JsonObject json = Json.asObject(value, WHAT);
    String version = json.string("acVersion", "");
    try {
      Rules.kind(json.string("acKind", ""), Appc.POD_MANIFEST_KIND);
      Rules.mustBeSet("acVersion", version);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
    SemVer acVersion = Rules.readVersion(json, version);
    List<RuntimeApp> apps = new ArrayList<>();
    for (JsonObject app : json.objects("apps")) {
      apps.add(RuntimeApp.read(app));
    }
    List<Volume> volumes = new ArrayList<>();
    for (JsonObject volume : json.objects("volumes")) {
      volumes.add(Volume.read(volume));
    }
    List<Isolator> isolators = Isolator.readList(json, "isolators");
    Annotations annotations = Annotations.read(json, "annotations");
    List<ExposedPort> ports = new ArrayList<>();
    for (JsonObject port : json.objects("ports")) {
      ports.add(ExposedPort.read(port));
    }
    Map<String, String> userAnnotations = json.stringMap("userAnnotations");
    Map<String, String> userLabels = json.stringMap("userLabels");
    try {
      return new PodManifest(
          acVersion, apps, volumes, isolators, annotations, ports, userAnnotations, userLabels);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  public Optional<RuntimeApp> app(AcName name) {
    for (RuntimeApp app : apps) {
      if (app.name().equals(name)) {
        return Optional.of(app);
      }
    }
    return Optional.empty();
  }

  public Optional<Volume> volume(AcName name) {
    for (Volume volume : volumes) {
      if (volume.name().equals(name)) {
        return Optional.of(volume);
      }
    }
    return Optional.empty();
  }

  public PodManifest withApps(List<RuntimeApp> newApps) {
    return new PodManifest(
        acVersion, newApps, volumes, isolators, annotations, ports, userAnnotations, userLabels);
  }

  public PodManifest withAnnotations(Annotations newAnnotations) {
    return new PodManifest(
        acVersion, apps, volumes, isolators, newAnnotations, ports, userAnnotations, userLabels);
  }

  /** Empty lists of the pod are written as {@code null}, as the ancestor wrote them. */
  public void write(JsonWriter json) {
    json.beginObject();
    json.name("acVersion").value(acVersion.value());
    json.name("acKind").value(Appc.POD_MANIFEST_KIND);
    json.name("apps").beginArray();
    for (RuntimeApp app : apps) {
      app.write(json);
    }
    json.endArray();
    json.name("volumes");
    writeVolumes(json);
    json.name("isolators");
    if (isolators.isEmpty()) {
      json.nullValue();
    } else {
      Isolator.writeList(json, isolators);
    }
    json.name("annotations");
    if (annotations.isEmpty()) {
      json.nullValue();
    } else {
      annotations.write(json);
    }
    json.name("ports");
    writePorts(json);
    if (!userAnnotations.isEmpty()) {
      json.name("userAnnotations").stringMap(userAnnotations);
    }
    if (!userLabels.isEmpty()) {
      json.name("userLabels").stringMap(userLabels);
    }
    json.endObject();
  }

  private void writeVolumes(JsonWriter json) {
    if (volumes.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginArray();
    for (Volume volume : volumes) {
      volume.write(json);
    }
    json.endArray();
  }

  private void writePorts(JsonWriter json) {
    if (ports.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginArray();
    for (ExposedPort port : ports) {
      port.write(json);
    }
    json.endArray();
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
