package rkt.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.MountFlags;
import rkt.pod.PodPlan;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;
import rkt.stage1.BindMount;
import rkt.stage1.CgroupWrite;
import rkt.stage1.PlannedMount;
import rkt.stage1.RootfsStep;

/**
 * A pod's plan for people. What is said of an app is read from the very configuration that the OCI
 * runtime would get, so that nothing can be said that would not be done.
 */
final class PlanText {
  /** What the supervisor is told and no reader asks for; {@code --print-plan=json} has it. */
  private static final List<String> OMITTED =
      List.of("version", "uuid", "lockfd", "cgroup", "state", "prefix");

  private final StringBuilder out = new StringBuilder(8192);
  private final PodPlan plan;

  /** The pod's directory, which most paths are in, and what stands for it. */
  private final String dir;

  /** The label of the line before: it is not repeated. */
  private String last = "";

  private PlanText(PodPlan plan) {
    this.plan = plan;
    this.dir = plan.dir().toString();
  }

  static String of(PodPlan plan) {
    PlanText text = new PlanText(plan);
    text.pod();
    for (PodPlan.Root root : plan.roots()) {
      text.app(root);
    }
    return text.out.toString();
  }

  private void pod() {
    out.append("Plan of a pod; nothing was started.\n\npod ").append(plan.uuid().value());
    out.append('\n');
    out.append("  POD is           ").append(dir).append('\n');
    line("flavor", plan.flavor());
    for (String entry : PlanPage.launch(plan)) {
      int equals = entry.indexOf('=');
      String key = entry.substring(0, equals);
      if (key.equals("app")) {
        break;
      }
      if (!OMITTED.contains(key)) {
        line(key, entry.substring(equals + 1));
      }
    }
    for (PlannedMount mount : plan.launch().mounts()) {
      line(
          "mount",
          mount.source()
              + " on "
              + mount.target()
              + " "
              + mount.type().orElse("")
              + MountFlags.names(mount.flags())
              + (mount.data().isPresent() ? " " + mount.data().get() : ""));
    }
    for (CgroupWrite write : plan.launch().cgroups()) {
      line("limit", write.file() + " = " + write.value());
    }
    line("exec", words(plan.launch().argv()));
  }

  private void app(PodPlan.Root root) {
    JsonObject config = Json.parseObject(PlanPage.config(plan, root), "config.json");
    out.append("\napp ").append(root.app()).append('\n');
    line("image", root.image());
    boolean readOnly = config.object("root").bool("readonly", false);
    int layers = root.lowerTopFirst().size();
    String kind = layers == 0 ? "a copy" : "an overlay of " + layers + " layer(s)";
    line("root", kind + (readOnly ? ", read-only" : ", writable") + ": " + root.path());
    for (RootfsStep step : plan.launch().rootfs().getOrDefault(root.path(), List.of())) {
      line("made in it", step.toString());
    }
    for (BindMount volume : root.volumes()) {
      line("volume", volume.target() + " from " + volume.origin() + options(volume));
    }
    process(config.object("process"));
    JsonObject linux = config.object("linux");
    namespaces(linux);
    line("cgroup", linux.string("cgroupsPath", ""));
    resources(linux);
    mapping(linux, "uidMappings");
    mapping(linux, "gidMappings");
    seccomp(linux);
    for (JsonObject mount : config.objects("mounts")) {
      line(
          "mount",
          mount.string("destination")
              + " "
              + mount.string("type", "")
              + " "
              + mount.string("source", "")
              + " "
              + String.join(",", mount.strings("options")));
    }
    line("hidden", String.join(" ", list(linux, "maskedPaths")));
    line("read-only", String.join(" ", list(linux, "readonlyPaths")));
  }

  private static String options(BindMount volume) {
    return (volume.readOnly() ? ", read-only" : ", writable")
        + (volume.recursive() ? "" : ", without mounts below it")
        + (volume.followsHost() ? ", with later mounts of the host" : "");
  }

  private void process(JsonObject process) {
    line("command", words(process.strings("args")));
    line("directory", process.string("cwd"));
    JsonObject user = process.object("user");
    line("user", user.integer("uid") + ":" + user.integer("gid") + groups(user));
    for (String variable : process.strings("env")) {
      line("environment", variable);
    }
    Optional<JsonObject> sets = process.optObject("capabilities");
    if (sets.isPresent()) {
      for (Map.Entry<String, JsonValue> set : sets.get().members().entrySet()) {
        line(set.getKey(), String.join(" ", sets.get().strings(set.getKey())));
      }
    }
    line("no new privs", process.bool("noNewPrivileges", false) ? "yes" : "no");
    line("terminal", process.bool("terminal", false) ? "its own" : "");
    for (String other : List.of("oomScoreAdj", "selinuxLabel", "apparmorProfile", "rlimits")) {
      Optional<JsonValue> value = process.get(other);
      line(other, value.isPresent() ? compact(value.get()) : "");
    }
  }

  private static String groups(JsonObject user) {
    Optional<JsonArray> groups = user.optArray("additionalGids");
    return groups.isPresent() ? " and " + compact(groups.get()) : "";
  }

  private void namespaces(JsonObject linux) {
    List<String> names = new ArrayList<>();
    for (JsonObject namespace : linux.objects("namespaces")) {
      names.add(namespace.string("type") + (namespace.has("path") ? " (the pod's)" : " (its own)"));
    }
    line("namespaces", String.join(", ", names));
  }

  private void resources(JsonObject linux) {
    Optional<JsonObject> resources = linux.optObject("resources");
    if (resources.isEmpty()) {
      return;
    }
    for (Map.Entry<String, JsonValue> each : resources.get().members().entrySet()) {
      line("limit " + each.getKey(), compact(each.getValue()));
    }
    Optional<JsonObject> sysctl = linux.optObject("sysctl");
    line("sysctl", sysctl.isPresent() ? compact(sysctl.get()) : "");
  }

  private void mapping(JsonObject linux, String name) {
    Optional<JsonArray> mapping = linux.optArray(name);
    line(name, mapping.isPresent() ? compact(mapping.get()) : "");
  }

  private void seccomp(JsonObject linux) {
    Optional<JsonObject> filter = linux.optObject("seccomp");
    if (filter.isEmpty()) {
      line("seccomp", "no filter");
      return;
    }
    String label = "seccomp";
    Map<String, Integer> conditional = new LinkedHashMap<>();
    for (JsonObject rule : filter.get().objects("syscalls")) {
      List<String> names = rule.strings("names");
      if (rule.has("args")) {
        conditional.merge(String.join(" ", names), 1, Integer::sum);
        continue;
      }
      String calls = names.size() > 8 ? names.size() + " calls" : String.join(" ", names);
      line(label, rule.string("action") + ": " + calls);
      label = "";
    }
    for (Map.Entry<String, Integer> call : conditional.entrySet()) {
      line(label, "by arguments: " + call.getKey() + " (" + call.getValue() + " rules)");
    }
    line(label, filter.get().string("defaultAction") + ": all others");
  }

  private static List<String> list(JsonObject object, String name) {
    Optional<JsonArray> array = object.optArray(name);
    return array.isPresent() ? array.get().strings() : List.of();
  }

  private static String words(List<String> words) {
    JsonWriter json = JsonWriter.compact().beginArray();
    for (String word : words) {
      json.value(word);
    }
    return json.endArray().toString();
  }

  private static String compact(JsonValue value) {
    return value instanceof JsonString string
        ? string.value()
        : JsonWriter.compact().value(value).toString();
  }

  /** What is not there is not said. */
  private void line(String label, String value) {
    if (value.isEmpty()) {
      return;
    }
    out.append("  ").append(label.equals(last) ? "" : label);
    for (int i = label.equals(last) ? 0 : label.length(); i < 16; i++) {
      out.append(' ');
    }
    out.append(' ').append(value.replace(dir + "/", "POD/")).append('\n');
    last = label;
  }
}
