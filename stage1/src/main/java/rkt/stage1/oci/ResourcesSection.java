package rkt.stage1.oci;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import rkt.schema.appc.Rlimit;
import rkt.schema.json.JsonWriter;

/** The limits of an app in its {@code config.json}. */
final class ResourcesSection {
  private ResourcesSection() {}

  /** Inside {@code linux.resources}. */
  static void write(JsonWriter json, Resources app, PodLimits pod) {
    if (app.memory().isPresent()) {
      json.name("memory").beginObject().name("limit").value(app.memory().get());
      if (pod.swap()) {
        // Memory and swap together: a limit that swapping gets around is none.
        json.name("swap").value(app.memory().get());
      }
      json.endObject();
    }
    if (app.cpu().isPresent() || app.shares().isPresent()) {
      json.name("cpu").beginObject();
      if (app.shares().isPresent()) {
        json.name("shares").value(app.shares().get());
      }
      if (app.cpu().isPresent()) {
        json.name("quota").value(app.cpu().get() * 100).name("period").value(100_000);
      }
      json.endObject();
    }
    if (app.pids().isPresent()) {
      json.name("pids").beginObject().name("limit").value(app.pids().get()).endObject();
    }
    if (app.limitsBlockDevices() && !pod.disks().isEmpty()) {
      json.name("blockIO").beginObject();
      throttle(json, "Bps", app.blockBytes(), pod.disks());
      throttle(json, "IOPS", app.blockOperations(), pod.disks());
      json.endObject();
    }
  }

  private static void throttle(
      JsonWriter json, String what, Optional<Long> rate, List<BlockDevices.Device> disks) {
    if (rate.isEmpty()) {
      return;
    }
    for (String direction : List.of("Read", "Write")) {
      json.name("throttle" + direction + what + "Device").beginArray();
      for (BlockDevices.Device disk : disks) {
        json.beginObject().name("major").value(disk.major()).name("minor").value(disk.minor());
        json.name("rate").value(rate.get()).endObject();
      }
      json.endArray();
    }
  }

  /** Inside {@code process}. */
  static void rlimits(JsonWriter json, Map<String, Rlimit> rlimits) {
    if (rlimits.isEmpty()) {
      return;
    }
    json.name("rlimits").beginArray();
    for (Map.Entry<String, Rlimit> entry : rlimits.entrySet()) {
      json.beginObject();
      json.name("type").value("RLIMIT_" + entry.getKey().toUpperCase(Locale.ROOT));
      json.name("soft").raw(Long.toUnsignedString(entry.getValue().soft()));
      json.name("hard").raw(Long.toUnsignedString(entry.getValue().hard())).endObject();
    }
    json.endArray();
  }
}
