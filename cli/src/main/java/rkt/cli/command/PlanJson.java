package rkt.cli.command;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import rkt.os.MountFlags;
import rkt.pod.PodPlan;
import rkt.schema.json.Json;
import rkt.schema.json.JsonWriter;
import rkt.stage1.BindMount;
import rkt.stage1.CgroupWrite;
import rkt.stage1.PlannedFile;
import rkt.stage1.PlannedLink;
import rkt.stage1.PlannedMount;
import rkt.stage1.RootfsStep;

/** A pod's plan as one JSON object; the apps' configurations are those of the OCI runtime. */
final class PlanJson {
  private final PodPlan plan;
  private final JsonWriter json;

  private PlanJson(PodPlan plan, JsonWriter json) {
    this.plan = plan;
    this.json = json;
  }

  static String of(PodPlan plan, JsonWriter json) {
    new PlanJson(plan, json).write();
    return json.toString();
  }

  private void write() {
    json.beginObject().name("uuid").value(plan.uuid().value());
    json.name("flavor").value(plan.flavor());
    json.name("manifest").value(Json.parse(plan.manifest().toJson(), "pod manifest"));
    json.name("apps").beginArray();
    for (PodPlan.Root root : plan.roots()) {
      app(root);
    }
    json.endArray().name("directories").strings(texts(plan.launch().directories()));
    json.name("files").beginArray();
    for (PlannedFile file : plan.launch().files()) {
      json.beginObject().name("path").value(file.path().toString());
      json.name("mode").value("0" + Integer.toOctalString(file.mode()));
      json.name("content").value(new String(file.bytes(), StandardCharsets.UTF_8)).endObject();
    }
    json.endArray().name("links").beginArray();
    for (PlannedLink link : plan.launch().links()) {
      json.beginObject().name("path").value(link.path().toString());
      json.name("target").value(link.target()).endObject();
    }
    json.endArray().name("mounts").beginArray();
    for (PlannedMount mount : plan.launch().mounts()) {
      mount(mount);
    }
    json.endArray().name("cgroups").beginArray();
    for (CgroupWrite write : plan.launch().cgroups()) {
      json.beginObject().name("file").value(write.file().toString());
      json.name("value").value(write.value()).endObject();
    }
    json.endArray().name("argv").strings(plan.launch().argv());
    json.name("env").strings(plan.launch().env());
    json.name("supervisor").strings(List.of(PlanPage.launch(plan)));
    json.name("warnings").strings(plan.launch().warnings()).endObject();
  }

  private void app(PodPlan.Root root) {
    json.beginObject().name("name").value(root.app()).name("image").value(root.image());
    json.name("root").value(root.path().toString());
    json.name("layers").strings(texts(root.lowerTopFirst()));
    json.name("changes").beginArray();
    for (RootfsStep step : plan.launch().rootfs().getOrDefault(root.path(), List.of())) {
      json.value(step.toString());
    }
    json.endArray().name("volumes").beginArray();
    for (BindMount volume : root.volumes()) {
      json.beginObject().name("target").value(volume.target());
      json.name("origin").value(volume.origin()).name("source").value(volume.source().toString());
      json.name("readOnly").value(volume.readOnly()).name("recursive").value(volume.recursive());
      json.name("followsHost").value(volume.followsHost()).endObject();
    }
    json.endArray().name("config").value(Json.parse(PlanPage.config(plan, root), "config.json"));
    json.endObject();
  }

  private void mount(PlannedMount mount) {
    json.beginObject().name("source").value(mount.source());
    json.name("target").value(mount.target().toString());
    if (mount.type().isPresent()) {
      json.name("type").value(mount.type().get());
    }
    json.name("flags").strings(MountFlags.names(mount.flags()));
    if (mount.data().isPresent()) {
      json.name("data").value(mount.data().get());
    }
    json.endObject();
  }

  private static List<String> texts(List<Path> paths) {
    return paths.stream().map(Path::toString).toList();
  }
}
