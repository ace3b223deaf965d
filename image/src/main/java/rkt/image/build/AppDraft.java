package rkt.image.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.EventHandler;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.Port;

/** An app being changed by flags: lists grow, an entry of a name already there is replaced. */
final class AppDraft {
  final String workingDirectory;
  private final List<String> exec;
  private final List<EventHandler> handlers;
  private final String user;
  private final String group;
  private final List<Integer> groups;
  private final List<EnvVar> environment;
  private final List<MountPoint> mountPoints;
  private final List<Port> ports;
  private final List<Isolator> isolators;
  private final Map<String, String> userAnnotations;
  private final Map<String, String> userLabels;

  AppDraft(Optional<App> base) {
    workingDirectory = base.map(App::workingDirectory).orElse("");
    exec = base.map(App::exec).orElse(List.of());
    handlers = base.map(App::eventHandlers).orElse(List.of());
    user = base.map(App::user).orElse("0");
    group = base.map(App::group).orElse("0");
    groups = new ArrayList<>(base.map(App::supplementaryGids).orElse(List.of()));
    environment = new ArrayList<>(base.map(App::environment).orElse(List.of()));
    mountPoints = new ArrayList<>(base.map(App::mountPoints).orElse(List.of()));
    ports = new ArrayList<>(base.map(App::ports).orElse(List.of()));
    isolators = new ArrayList<>(base.map(App::isolators).orElse(List.of()));
    userAnnotations = base.map(App::userAnnotations).orElse(Map.of());
    userLabels = base.map(App::userLabels).orElse(Map.of());
  }

  /** Adds NAME=VALUE. */
  AppDraft environment(String text) {
    EnvVar added = new EnvVar(FlagValues.key(text), FlagValues.value(text));
    environment.removeIf(other -> other.name().equals(added.name()));
    environment.add(added);
    return this;
  }

  AppDraft add(MountPoint added) {
    mountPoints.removeIf(other -> other.name().equals(added.name()));
    mountPoints.add(added);
    return this;
  }

  AppDraft add(Port added) {
    ports.removeIf(other -> other.name().equals(added.name()));
    ports.add(added);
    return this;
  }

  AppDraft add(Isolator added) {
    isolators.removeIf(other -> other.name().equals(added.name()));
    isolators.add(added);
    return this;
  }

  /** Adds numbers separated by commas. */
  AppDraft groups(String text) {
    for (String number : text.split(",", -1)) {
      try {
        groups.add(Integer.parseInt(number.trim()));
      } catch (NumberFormatException e) {
        throw new SchemaException("--supplementary-gids must be integers", e);
      }
    }
    return this;
  }

  /**
   * @param newExec replaces the command when not empty
   */
  App build(
      List<String> newExec, Optional<String> newUser, Optional<String> newGroup, String directory) {
    return new App(
        newExec.isEmpty() ? exec : newExec,
        handlers,
        newUser.orElse(user),
        newGroup.orElse(group),
        groups,
        directory,
        environment,
        mountPoints,
        ports,
        isolators,
        userAnnotations,
        userLabels);
  }
}
