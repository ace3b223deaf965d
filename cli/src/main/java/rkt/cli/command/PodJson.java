package rkt.cli.command;

import java.util.Map;
import java.util.OptionalLong;
import rkt.pod.AppView;
import rkt.pod.ExitCause;
import rkt.pod.PodView;
import rkt.schema.cni.NetInfo;
import rkt.schema.json.JsonWriter;

/**
 * A pod in JSON, as {@code list} and {@code status} print it. Odd by inheritance: {@code name}
 * holds the UUID, pod times are seconds and app times nanoseconds. Keys without a value are left
 * out.
 */
final class PodJson {
  private PodJson() {}

  static void write(JsonWriter json, PodView pod) {
    json.beginObject();
    json.name("name").value(pod.uuid().toString());
    json.name("state").value(pod.state().text());
    if (!pod.networks().isEmpty()) {
      json.name("networks").beginArray();
      for (NetInfo network : pod.networks()) {
        network.write(json);
      }
      json.endArray();
    }
    if (!pod.apps().isEmpty()) {
      json.name("app_names").beginArray();
      for (AppView app : pod.apps()) {
        json.value(app.name().toString());
      }
      json.endArray().name("apps").beginArray();
      for (AppView app : pod.apps()) {
        write(json, app);
      }
      json.endArray();
    }
    if (pod.createdNanos().isPresent()) {
      json.name("created_at").value(pod.createdNanos().getAsLong() / 1_000_000_000L);
    }
    if (pod.startedNanos().isPresent()) {
      json.name("started_at").value(pod.startedNanos().getAsLong() / 1_000_000_000L);
    }
    map(json, "user_annotations", pod.userAnnotations());
    map(json, "user_labels", pod.userLabels());
    if (pod.failure().isPresent()) {
      json.name("failure").value(pod.failure().get());
    }
    json.endObject();
  }

  private static void write(JsonWriter json, AppView app) {
    json.beginObject();
    json.name("name").value(app.name().toString());
    json.name("state").value(app.state().text());
    time(json, "created_at", app.createdNanos());
    time(json, "started_at", app.startedNanos());
    time(json, "finished_at", app.finishedNanos());
    if (app.exitCode().isPresent()) {
      json.name("exit_code").value(app.exitCode().getAsInt());
    }
    if (app.cause().isPresent()) {
      ExitCause cause = app.cause().get();
      json.name("exit_cause").value(cause.text());
    }
    if (app.signal().isPresent()) {
      json.name("exit_signal").value(app.signal().getAsInt());
    }
    if (app.oomKills() > 0) {
      json.name("oom_kills").value(app.oomKills());
    }
    json.name("image_id").value(app.imageId().toString());
    if (!app.mounts().isEmpty()) {
      json.name("mounts").beginArray();
      for (AppView.MountView mount : app.mounts()) {
        json.beginObject().name("name").value(mount.name());
        json.name("container_path").value(mount.containerPath());
        json.name("host_path").value(mount.hostPath());
        json.name("read_only").value(mount.readOnly()).endObject();
      }
      json.endArray();
    }
    map(json, "user_annotations", app.userAnnotations());
    map(json, "user_labels", app.userLabels());
    json.endObject();
  }

  private static void time(JsonWriter json, String key, OptionalLong nanos) {
    if (nanos.isPresent()) {
      json.name(key).value(nanos.getAsLong());
    }
  }

  private static void map(JsonWriter json, String key, Map<String, String> values) {
    if (!values.isEmpty()) {
      json.name(key).stringMap(values);
    }
  }
}
