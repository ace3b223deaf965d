package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.PassedSocket;
import rkt.stage1.ServiceLink;

/**
 * What an app has of the protocols of a service manager: sockets it was given, and a socket of its
 * own, which the supervisor reads, to say that it is ready. The app alone: neither its event
 * handlers nor {@code enter} get any of it.
 *
 * @param program the supervisor's, for {@code listen}
 * @param sockets passed to it
 * @param notifyDir directory of its socket in the pod directory
 * @param watchdogMicros how often it has to say that it is alive
 */
record ServiceParts(
    Path program,
    List<PassedSocket> sockets,
    Optional<Path> notifyDir,
    Optional<String> watchdogMicros) {
  /** Variables that the app's process has and no other has from it. */
  static final List<String> VARIABLES =
      List.of("LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "NOTIFY_SOCKET", "WATCHDOG_USEC");

  /** In the app; below /dev, so that nothing of the image is in the way or changes. */
  private static final String PLACE = "/dev/rkt";

  private static final String LISTEN = PLACE + "/listen";
  private static final String NOTIFY = PLACE + "/notify";

  ServiceParts {
    sockets = List.copyOf(sockets);
  }

  /**
   * Nothing for most apps.
   *
   * @param notifies whether the app says when it is ready
   */
  static Optional<ServiceParts> of(
      AppSpec spec, boolean notifies, Optional<ServiceLink> link, Path program, PodPaths paths)
      throws EngineException {
    List<PassedSocket> sockets =
        link.isPresent() ? link.get().socketsOf(spec.name()) : List.<PassedSocket>of();
    if (!notifies && sockets.isEmpty()) {
      return Optional.empty();
    }
    for (BindMount mount : spec.mounts()) {
      if ((mount.target() + "/").startsWith(PLACE + "/")) {
        throw EngineException.of(
            ErrorCode.INVALID,
            "cannot start app \"" + spec.name() + "\"",
            "its volume on "
                + mount.target()
                + " is where "
                + (sockets.isEmpty() ? "its socket to say that it is ready" : "what passes sockets")
                + " would be",
            "mount the volume elsewhere");
      }
    }
    return Optional.of(
        new ServiceParts(
            program,
            sockets,
            notifies ? Optional.of(paths.notifyDir(spec.name())) : Optional.empty(),
            notifies && link.isPresent() ? link.get().watchdogMicros() : Optional.empty()));
  }

  /** The app's command, by way of the one that knows which process it is. */
  List<String> args(List<String> command) {
    if (sockets.isEmpty()) {
      return command;
    }
    List<String> args = new ArrayList<>(command.size() + 2);
    args.add(LISTEN);
    args.add("listen");
    args.addAll(command);
    return args;
  }

  /** The app's variables and these. */
  List<String> environment(AppEnvironment app) {
    List<String> out = new ArrayList<>();
    for (String variable : app.strings()) {
      String name = variable.substring(0, variable.indexOf('='));
      if (!VARIABLES.contains(name)) {
        out.add(variable);
      }
    }
    if (!sockets.isEmpty()) {
      out.add("LISTEN_FDS=" + sockets.size());
      names(out);
    }
    if (notifyDir.isPresent()) {
      out.add("NOTIFY_SOCKET=" + NOTIFY + "/socket");
    }
    if (watchdogMicros.isPresent()) {
      out.add("WATCHDOG_USEC=" + watchdogMicros.get());
    }
    return out;
  }

  private void names(List<String> out) {
    StringBuilder names = new StringBuilder("LISTEN_FDNAMES=");
    boolean given = false;
    for (int i = 0; i < sockets.size(); i++) {
      names.append(i == 0 ? "" : ":").append(sockets.get(i).name());
      given |= !sockets.get(i).name().isEmpty();
    }
    if (given) {
      out.add(names.toString());
    }
  }

  void mounts(MountList mounts) {
    if (!sockets.isEmpty()) {
      mounts.file(LISTEN, program, true);
    }
    if (notifyDir.isPresent()) {
      mounts.file(NOTIFY, notifyDir.get(), true);
    }
  }

  void launch(LaunchText out) {
    if (notifyDir.isPresent()) {
      out.put("notify", notifyDir.get());
    }
    for (PassedSocket socket : sockets) {
      out.put("listen", socket.fd());
    }
  }
}
