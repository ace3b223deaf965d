package rkt.pod;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import rkt.os.OsException;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * How an app ended, from what the supervisor wrote: {@code exit/<app>.json} when it is there, else
 * the ancestor's status file, which knows the code only. All empty while the app runs.
 *
 * @param oomKills how many of its processes the kernel killed for want of memory
 */
record AppExit(
    OptionalInt code,
    OptionalInt signal,
    Optional<ExitCause> cause,
    OptionalLong startedNanos,
    OptionalLong finishedNanos,
    int oomKills) {

  private static final AppExit NONE =
      new AppExit(
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          0);

  static AppExit read(PodFiles files, int podDir, String app) throws OsException {
    byte[] json = files.readIfPresent(podDir, PodFiles.EXIT + "/" + app + ".json");
    if (json != null) {
      try {
        return of(Json.parseObject(json, "exit record of " + app));
      } catch (SchemaException e) {
        // A torn record (power loss: it is renamed but not synced) still leaves the status file.
        return fromStatus(files, podDir, app);
      }
    }
    return fromStatus(files, podDir, app);
  }

  private static AppExit of(JsonObject record) {
    int signal = record.int32("signal", 0);
    return new AppExit(
        OptionalInt.of(record.int32("code")),
        signal > 0 ? OptionalInt.of(signal) : OptionalInt.empty(),
        ExitCause.of(record.string("cause", "")),
        positive(record.integer("startedAt", 0)),
        positive(record.integer("finishedAt", 0)),
        (int) Math.max(0, Math.min(Integer.MAX_VALUE, record.integer("oomKills", 0))));
  }

  private static AppExit fromStatus(PodFiles files, int podDir, String app) throws OsException {
    Optional<String> text = files.text(podDir, PodFiles.STATUS + "/" + app);
    if (text.isEmpty()) {
      return NONE;
    }
    try {
      OptionalInt code = OptionalInt.of(Integer.parseInt(text.get()));
      return new AppExit(
          code,
          OptionalInt.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          0);
    } catch (NumberFormatException e) {
      return NONE;
    }
  }

  private static OptionalLong positive(long value) {
    return value > 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }
}
