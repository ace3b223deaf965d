package rkt.schema.appc;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** The app section from and to JSON. */
final class AppCodec {
  private AppCodec() {}

  static App read(JsonObject json) {
    List<String> exec = json.strings("exec");
    List<EventHandler> handlers = eventHandlers(json);
    String user = json.string("user", "");
    String group = json.string("group", "");
    List<EnvVar> environment = environment(json);
    List<MountPoint> mountPoints = mountPoints(json);
    List<Port> ports = new ArrayList<>();
    for (JsonObject port : json.objects("ports")) {
      ports.add(Port.read(port));
    }
    List<Isolator> isolators = Isolator.readList(json, "isolators");
    try {
      return new App(
          exec,
          handlers,
          user,
          group,
          json.ints("supplementaryGIDs"),
          json.string("workingDirectory", ""),
          environment,
          mountPoints,
          ports,
          isolators,
          json.stringMap("userAnnotations"),
          json.stringMap("userLabels"));
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  private static List<EventHandler> eventHandlers(JsonObject json) {
    List<EventHandler> out = new ArrayList<>();
    for (JsonObject item : json.objects("eventHandlers")) {
      String name = item.string("name");
      List<String> exec = item.strings("exec");
      try {
        out.add(new EventHandler(name, exec));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    return out;
  }

  private static List<EnvVar> environment(JsonObject json) {
    List<EnvVar> out = new ArrayList<>();
    for (JsonObject item : json.objects("environment")) {
      String name = item.string("name");
      String value = item.string("value", "");
      try {
        out.add(new EnvVar(name, value));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    return out;
  }

  private static List<MountPoint> mountPoints(JsonObject json) {
    List<MountPoint> out = new ArrayList<>();
    for (JsonObject item : json.objects("mountPoints")) {
      String name = item.string("name");
      String path = item.string("path");
      boolean readOnly = item.bool("readOnly", false);
      try {
        out.add(new MountPoint(new AcName(name), path, readOnly));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    return out;
  }

  static void write(App app, JsonWriter json) {
    json.beginObject();
    json.name("exec").strings(app.exec());
    if (!app.eventHandlers().isEmpty()) {
      json.name("eventHandlers").beginArray();
      for (EventHandler handler : app.eventHandlers()) {
        json.beginObject().name("name").value(handler.name());
        json.name("exec").strings(handler.exec()).endObject();
      }
      json.endArray();
    }
    json.name("user").value(app.user()).name("group").value(app.group());
    if (!app.supplementaryGids().isEmpty()) {
      json.name("supplementaryGIDs").beginArray();
      for (int gid : app.supplementaryGids()) {
        json.value(gid);
      }
      json.endArray();
    }
    if (!app.workingDirectory().isEmpty()) {
      json.name("workingDirectory").value(app.workingDirectory());
    }
    writeEnvironment(app, json);
    writeMountPoints(app, json);
    if (!app.ports().isEmpty()) {
      json.name("ports").beginArray();
      for (Port port : app.ports()) {
        port.write(json);
      }
      json.endArray();
    }
    if (!app.isolators().isEmpty()) {
      json.name("isolators");
      Isolator.writeList(json, app.isolators());
    }
    if (!app.userAnnotations().isEmpty()) {
      json.name("userAnnotations").stringMap(app.userAnnotations());
    }
    if (!app.userLabels().isEmpty()) {
      json.name("userLabels").stringMap(app.userLabels());
    }
    json.endObject();
  }

  private static void writeEnvironment(App app, JsonWriter json) {
    if (app.environment().isEmpty()) {
      return;
    }
    json.name("environment").beginArray();
    for (EnvVar variable : app.environment()) {
      json.beginObject().name("name").value(variable.name());
      json.name("value").value(variable.value()).endObject();
    }
    json.endArray();
  }

  private static void writeMountPoints(App app, JsonWriter json) {
    if (app.mountPoints().isEmpty()) {
      return;
    }
    json.name("mountPoints").beginArray();
    for (MountPoint point : app.mountPoints()) {
      json.beginObject().name("name").value(point.name().value());
      json.name("path").value(point.path());
      if (point.readOnly()) {
        json.name("readOnly").value(true);
      }
      json.endObject();
    }
    json.endArray();
  }
}
