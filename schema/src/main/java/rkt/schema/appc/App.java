package rkt.schema.appc;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * How to run an app: the {@code app} section of an image manifest, or what replaces it in a pod
 * manifest.
 *
 * @param exec command and arguments; may be empty when the user gives one
 * @param user name, number or path in the image whose owner is meant; never empty
 * @param group like {@code user}
 * @param workingDirectory absolute, or empty for {@code /}
 */
public record App(
    List<String> exec,
    List<EventHandler> eventHandlers,
    String user,
    String group,
    List<Integer> supplementaryGids,
    String workingDirectory,
    List<EnvVar> environment,
    List<MountPoint> mountPoints,
    List<Port> ports,
    List<Isolator> isolators,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels) {

  public App {
    exec = List.copyOf(exec);
    eventHandlers = List.copyOf(eventHandlers);
    supplementaryGids = List.copyOf(supplementaryGids);
    environment = List.copyOf(environment);
    mountPoints = List.copyOf(mountPoints);
    ports = List.copyOf(ports);
    isolators = List.copyOf(isolators);
    userAnnotations = Rules.sorted(userAnnotations);
    userLabels = Rules.sorted(userLabels);
    AppRules.check(exec, eventHandlers, user, group, supplementaryGids);
    if (!workingDirectory.isEmpty()) {
      Rules.absolutePath("workingDirectory", workingDirectory);
    }
    AppRules.unique(environment);
    Isolators.checkApp(isolators);
  }

  /** An app with nothing but a command and an identity. */
  public static App of(List<String> exec, String user, String group) {
    return new App(
        exec, List.of(), user, group, List.of(), "", List.of(), List.of(), List.of(), List.of(),
        Map.of(), Map.of());
  }

  public static App parse(byte[] json) {
    return read(Json.parse(json, "app"));
  }

  public static App read(JsonValue json) {
    return AppCodec.read(Json.asObject(json, "app"));
  }

  /** Reads the app in a field of {@code owner}. */
  static App read(JsonObject owner, String field) {
    return AppCodec.read(owner.object(field));
  }

  public App withExec(List<String> newExec) {
    return new App(
        newExec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withUser(String newUser) {
    return new App(
        exec,
        eventHandlers,
        newUser,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withGroup(String newGroup) {
    return new App(
        exec,
        eventHandlers,
        user,
        newGroup,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withSupplementaryGids(List<Integer> newGids) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        newGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withWorkingDirectory(String newDirectory) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        newDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withEnvironment(List<EnvVar> newEnvironment) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        newEnvironment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withMountPoints(List<MountPoint> newMountPoints) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        newMountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withPorts(List<Port> newPorts) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        newPorts,
        isolators,
        userAnnotations,
        userLabels);
  }

  public App withIsolators(List<Isolator> newIsolators) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        newIsolators,
        userAnnotations,
        userLabels);
  }

  public App withUserAnnotations(Map<String, String> newAnnotations) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        newAnnotations,
        userLabels);
  }

  public App withUserLabels(Map<String, String> newLabels) {
    return new App(
        exec,
        eventHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        newLabels);
  }

  public App withEventHandlers(List<EventHandler> newHandlers) {
    return new App(
        exec,
        newHandlers,
        user,
        group,
        supplementaryGids,
        workingDirectory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }

  public void write(JsonWriter json) {
    AppCodec.write(this, json);
  }

  public String toJson() {
    JsonWriter json = JsonWriter.compact();
    write(json);
    return json.toString();
  }

  public String toPrettyJson() {
    JsonWriter json = JsonWriter.pretty();
    write(json);
    return json.toString();
  }

  /** The rules that need more than one line. */
  private static final class AppRules {
    static void check(
        List<String> exec,
        List<EventHandler> eventHandlers,
        String user,
        String group,
        List<Integer> supplementaryGids) {
      for (String argument : exec) {
        Rules.noNul("exec", argument);
      }
      for (int i = 1; i < eventHandlers.size(); i++) {
        for (int j = 0; j < i; j++) {
          if (eventHandlers.get(i).name().equals(eventHandlers.get(j).name())) {
            throw Rules.duplicate("eventHandlers", eventHandlers.get(i).name());
          }
        }
      }
      identity("user", user);
      identity("group", group);
      for (int gid : supplementaryGids) {
        if (gid < 0) {
          throw new SchemaException("supplementaryGIDs must not be negative: " + gid);
        }
      }
    }

    static void identity(String what, String value) {
      if (value.isEmpty()) {
        throw new SchemaException(what + " must be set");
      }
      Rules.noNul(what, value);
    }

    static void unique(List<EnvVar> environment) {
      Set<String> seen = new HashSet<>(environment.size() * 2);
      for (EnvVar variable : environment) {
        if (!seen.add(variable.name())) {
          throw Rules.duplicate("environment variables", variable.name());
        }
      }
    }
  }
}
