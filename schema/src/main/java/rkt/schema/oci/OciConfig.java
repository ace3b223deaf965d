package rkt.schema.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * The configuration of an OCI or Docker image: what it runs on, how to run it, and the digests of
 * its uncompressed layers.
 *
 * @param architecture in Go's words; empty when the builder did not say
 * @param created RFC 3339, unchecked: builders are careless
 */
public record OciConfig(
    String architecture,
    String os,
    Optional<String> variant,
    Optional<String> created,
    Optional<String> author,
    Config config,
    RootFs rootfs,
    List<History> history) {
  private static final String WHAT = "image configuration";

  /** How to run the image; everything may be empty. */
  public record Config(
      String user,
      List<String> entrypoint,
      List<String> cmd,
      List<String> env,
      String workingDir,
      List<String> exposedPorts,
      List<String> volumes,
      Map<String, String> labels,
      String stopSignal) {
    public static final Config EMPTY =
        new Config("", List.of(), List.of(), List.of(), "", List.of(), List.of(), Map.of(), "");

    public Config {
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      env = List.copyOf(env);
      exposedPorts = List.copyOf(exposedPorts);
      volumes = List.copyOf(volumes);
      labels = Fields.sorted(labels);
    }
  }

  /** The layers, lowest first, by the digests of their uncompressed archives. */
  public record RootFs(List<Digest> diffIds) {
    public RootFs {
      diffIds = List.copyOf(diffIds);
    }
  }

  /** How one layer came about; an empty one has no entry in {@link RootFs}. */
  public record History(
      Optional<String> created,
      Optional<String> author,
      Optional<String> createdBy,
      Optional<String> comment,
      boolean emptyLayer) {}

  public OciConfig {
    variant = Fields.nonEmpty(variant);
    created = Fields.nonEmpty(created);
    author = Fields.nonEmpty(author);
    history = List.copyOf(history);
  }

  public static OciConfig parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static OciConfig read(JsonValue value) {
    JsonObject json = Json.asObject(value, WHAT);
    Optional<JsonObject> config = json.optObject("config");
    List<History> history = new ArrayList<>();
    for (JsonObject entry : json.objects("history")) {
      history.add(
          new History(
              entry.optString("created"),
              entry.optString("author"),
              entry.optString("created_by"),
              entry.optString("comment"),
              entry.bool("empty_layer", false)));
    }
    return new OciConfig(
        json.string("architecture", ""),
        json.string("os", ""),
        json.optString("variant"),
        json.optString("created"),
        json.optString("author"),
        config.isPresent() ? readConfig(config.get()) : Config.EMPTY,
        readRootFs(json.object("rootfs")),
        history);
  }

  private static Config readConfig(JsonObject json) {
    return new Config(
        json.string("User", ""),
        command(json, "Entrypoint"),
        command(json, "Cmd"),
        json.strings("Env"),
        json.string("WorkingDir", ""),
        keys(json, "ExposedPorts"),
        keys(json, "Volumes"),
        json.stringMap("Labels"),
        json.string("StopSignal", ""));
  }

  /** Docker also takes a bare string for a command of one word. */
  private static List<String> command(JsonObject json, String field) {
    Optional<JsonValue> value = json.get(field);
    if (value.isPresent() && value.get() instanceof JsonString single) {
      return List.of(single.value());
    }
    return json.strings(field);
  }

  /** Sets are objects with empty objects as values. */
  private static List<String> keys(JsonObject json, String field) {
    Optional<JsonObject> set = json.optObject(field);
    return set.isPresent() ? List.copyOf(set.get().members().keySet()) : List.of();
  }

  private static RootFs readRootFs(JsonObject json) {
    String type = json.string("type");
    if (!type.equals("layers")) {
      throw json.fail("type", "must be \"layers\", not " + Texts.quote(type));
    }
    List<Digest> diffIds = new ArrayList<>();
    for (String diffId : json.strings("diff_ids")) {
      try {
        diffIds.add(Digest.parse(diffId));
      } catch (SchemaException e) {
        throw json.locate("diff_ids", e);
      }
    }
    return new RootFs(diffIds);
  }

  public void write(JsonWriter json) {
    OciConfigWriter.write(this, json);
  }

  public String toJson() {
    JsonWriter json = JsonWriter.compact();
    write(json);
    return json.toString();
  }
}
