package rkt.schema.oci;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import rkt.schema.json.JsonWriter;

/** Writes image configurations in the field order of the specification. */
final class OciConfigWriter {
  private OciConfigWriter() {}

  static void write(OciConfig config, JsonWriter json) {
    json.beginObject();
    text(json, "created", config.created());
    text(json, "author", config.author());
    json.name("architecture").value(config.architecture()).name("os").value(config.os());
    text(json, "variant", config.variant());
    json.name("config");
    execution(config.config(), json);
    json.name("rootfs").beginObject().name("type").value("layers");
    json.name("diff_ids").beginArray();
    for (Digest diffId : config.rootfs().diffIds()) {
      json.value(diffId.toString());
    }
    json.endArray().endObject();
    history(config.history(), json);
    json.endObject();
  }

  private static void execution(OciConfig.Config config, JsonWriter json) {
    json.beginObject();
    text(json, "User", Optional.of(config.user()));
    set(json, "ExposedPorts", config.exposedPorts());
    list(json, "Env", config.env());
    list(json, "Entrypoint", config.entrypoint());
    list(json, "Cmd", config.cmd());
    set(json, "Volumes", config.volumes());
    text(json, "WorkingDir", Optional.of(config.workingDir()));
    if (!config.labels().isEmpty()) {
      json.name("Labels").stringMap(config.labels());
    }
    text(json, "StopSignal", Optional.of(config.stopSignal()));
    json.endObject();
  }

  private static void history(List<OciConfig.History> history, JsonWriter json) {
    if (history.isEmpty()) {
      return;
    }
    json.name("history").beginArray();
    for (OciConfig.History entry : history) {
      json.beginObject();
      text(json, "created", entry.created());
      text(json, "created_by", entry.createdBy());
      text(json, "author", entry.author());
      text(json, "comment", entry.comment());
      if (entry.emptyLayer()) {
        json.name("empty_layer").value(true);
      }
      json.endObject();
    }
    json.endArray();
  }

  private static void text(JsonWriter json, String name, Optional<String> value) {
    if (value.isPresent() && !value.get().isEmpty()) {
      json.name(name).value(value.get());
    }
  }

  private static void list(JsonWriter json, String name, List<String> values) {
    if (!values.isEmpty()) {
      json.name(name).strings(values);
    }
  }

  private static void set(JsonWriter json, String name, List<String> values) {
    if (values.isEmpty()) {
      return;
    }
    json.name(name).beginObject();
    for (String value : new TreeSet<>(values)) {
      json.name(value).beginObject().endObject();
    }
    json.endObject();
  }
}
