package rkt.schema.appc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonNull;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * One isolator as it stands in a document: the value is kept as written, so that a manifest
 * survives reading and writing, and is checked by its kind's rules when the name is known.
 */
public record Isolator(String name, JsonValue value) {
  public static final String MEMORY = "resource/memory";
  public static final String CPU = "resource/cpu";
  public static final String BLOCK_BANDWIDTH = "resource/block-bandwidth";
  public static final String BLOCK_IOPS = "resource/block-iops";
  public static final String NETWORK_BANDWIDTH = "resource/network-bandwidth";
  public static final String CPU_SHARES = "os/linux/cpu-shares";
  public static final String OOM_SCORE_ADJ = "os/linux/oom-score-adj";
  public static final String CAPABILITIES_RETAIN = "os/linux/capabilities-retain-set";
  public static final String CAPABILITIES_REMOVE = "os/linux/capabilities-remove-set";
  public static final String SECCOMP_RETAIN = "os/linux/seccomp-retain-set";
  public static final String SECCOMP_REMOVE = "os/linux/seccomp-remove-set";
  public static final String NO_NEW_PRIVILEGES = "os/linux/no-new-privileges";
  public static final String SELINUX_CONTEXT = "os/linux/selinux-context";
  public static final String APPARMOR_PROFILE = "os/linux/apparmor-profile";
  public static final String SYSCTL = "os/unix/sysctl";

  /** Not of the ancestor: how many processes and threads. */
  public static final String PIDS = "resource/pids";

  /** Not of the ancestor: the limits of setrlimit(2). */
  public static final String RLIMITS = "os/unix/rlimits";

  public Isolator {
    name = new AcIdentifier(name).value();
    IsolatorCodec.read(name, value);
  }

  /** The document form of a value. */
  public static Isolator of(IsolatorValue value) {
    return new Isolator(value.isolatorName(), IsolatorCodec.toJson(value));
  }

  /** The value by its kind. */
  public IsolatorValue typed() {
    return IsolatorCodec.read(name, value);
  }

  static List<Isolator> readList(JsonObject owner, String field) {
    List<JsonObject> items = owner.objects(field);
    List<Isolator> out = new ArrayList<>(items.size());
    for (JsonObject item : items) {
      String name = item.string("name");
      Optional<JsonValue> found = item.get("value");
      JsonValue value = found.isPresent() ? found.get() : new JsonNull(0, 0);
      try {
        out.add(new Isolator(name, value));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    return out;
  }

  static void writeList(JsonWriter json, List<Isolator> isolators) {
    json.beginArray();
    for (Isolator isolator : isolators) {
      json.beginObject();
      json.name("name").value(isolator.name).name("value").value(isolator.value);
      json.endObject();
    }
    json.endArray();
  }
}
