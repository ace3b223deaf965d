package rkt.schema.appc;

import java.util.Map;
import java.util.TreeMap;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonNumber;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * {@code {"nofile": {"soft": 1024, "hard": "unlimited"}}} from and to JSON; {@code soft} alone is
 * both.
 */
final class RlimitsCodec {
  private RlimitsCodec() {}

  static IsolatorValue.Rlimits read(JsonObject json) {
    Map<String, Rlimit> limits = new TreeMap<>();
    for (String name : json.members().keySet()) {
      JsonObject limit = json.object(name);
      try {
        long soft = value(limit, "soft");
        limits.put(name, new Rlimit(soft, limit.has("hard") ? value(limit, "hard") : soft));
      } catch (SchemaException e) {
        throw json.locate(name, e);
      }
    }
    return new IsolatorValue.Rlimits(limits);
  }

  private static long value(JsonObject limit, String field) {
    JsonValue value = limit.get(field).orElseThrow(() -> limit.fail(field, "is missing"));
    if (value instanceof JsonNumber number) {
      return number.longValue();
    }
    if (value instanceof JsonString text) {
      return Rlimit.value(text.value());
    }
    throw limit.fail(field, "must be a number or \"unlimited\"");
  }

  static void write(JsonWriter json, IsolatorValue.Rlimits rlimits) {
    json.beginObject();
    for (Map.Entry<String, Rlimit> entry : rlimits.limits().entrySet()) {
      json.name(entry.getKey()).beginObject();
      number(json.name("soft"), entry.getValue().soft());
      number(json.name("hard"), entry.getValue().hard());
      json.endObject();
    }
    json.endObject();
  }

  private static void number(JsonWriter json, long limit) {
    if (limit == Rlimit.UNLIMITED) {
      json.value(Rlimit.text(limit));
    } else {
      json.value(limit);
    }
  }
}
