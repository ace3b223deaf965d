package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.os.Kernel;
import rkt.pod.AppView;
import rkt.pod.Engine;
import rkt.pod.PodState;
import rkt.pod.PodView;
import rkt.schema.EngineException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.PodUuid;
import rkt.stage1.EnterRequest;

/** {@code rkt enter}: becomes a command inside an app, under the app's own restrictions. */
final class EnterCommand extends Command {
  EnterCommand() {
    super("enter", "[--app=APPNAME] [FLAGS] UUID [CMD [ARGS ...]]");
  }

  @Override
  public String description() {
    return "By default the CMD that is run is /bin/bash.\n"
        + "It runs as root, with the app's capabilities, seccomp filter, devices and cgroup, and has\n"
        + "a terminal when standard input and output are one.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.text("app", "", "name of the app to enter within the specified pod"))
        .add(
            Flag.text(
                "user", "", "user of the command: name, number or /path of a file in the app"))
        .add(
            Flag.text(
                "group", "", "group of the command: name, number or /path of a file in the app"))
        .add(Flag.repeated("environment", "a variable on top of the app's (NAME=VALUE)"))
        .add(Flag.text("working-dir", "/", "working directory of the command"))
        .add(
            Flag.bool(
                "privileged",
                "enter without the app's restrictions: all capabilities, no system call filter"));
  }

  @Override
  public boolean needsRoot() {
    return true;
  }

  /** What follows the UUID is the command to run, its flags included. */
  @Override
  public boolean interspersed() {
    return false;
  }

  @Override
  public String completion() {
    return "__rkt_pods running";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    List<String> args = invocation.args();
    if (args.isEmpty()) {
      throw CommandFailure.usage("expected a pod's UUID");
    }
    Engine engine = invocation.engine();
    PodUuid uuid;
    try {
      uuid = engine.pods().resolve(args.get(0));
    } catch (EngineException e) {
      throw CommandFailure.of("problem retrieving pod", e);
    }
    PodView pod = engine.pods().view(uuid);
    if (pod.state() != PodState.RUNNING) {
      throw CommandFailure.of("pod \"" + uuid + "\" isn't currently running");
    }
    String name = invocation.flags().value("app");
    if (name.isEmpty()) {
      refuseUnlessOneApp(invocation, pod);
    }
    List<String> command = command(args);
    if (command.isEmpty()) {
      invocation.note("no command specified, assuming \"/bin/bash\"");
      command = List.of("/bin/bash");
    }
    invocation.console().flush();
    engine
        .enterer()
        .enter(
            uuid,
            name.isEmpty() ? Optional.empty() : Optional.of(new AcName(name)),
            command,
            Kernel.linux().isatty(0) && Kernel.linux().isatty(1),
            Optional.ofNullable(System.getenv("TERM")),
            as(invocation));
    return 0;
  }

  private static EnterRequest.As as(Invocation invocation) throws CommandFailure {
    FlagSet flags = invocation.flags();
    String directory = flags.value("working-dir");
    if (!directory.startsWith("/")) {
      throw CommandFailure.usage("--working-dir must be an absolute path in the app");
    }
    List<EnvVar> environment = new ArrayList<>();
    for (String text : flags.all("environment")) {
      int at = text.indexOf('=');
      if (at < 1) {
        throw CommandFailure.usage("--environment expects NAME=VALUE, got \"" + text + "\"");
      }
      environment.add(new EnvVar(text.substring(0, at), text.substring(at + 1)));
    }
    return new EnterRequest.As(
        optional(flags.value("user")),
        optional(flags.value("group")),
        environment,
        directory,
        flags.on("privileged"));
  }

  private static Optional<String> optional(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  /** What follows the UUID; other engines want {@code --} there, so it does no harm here. */
  static List<String> command(List<String> args) {
    int from = args.size() > 1 && args.get(1).equals("--") ? 2 : 1;
    return args.subList(from, args.size());
  }

  private static void refuseUnlessOneApp(Invocation invocation, PodView pod) throws CommandFailure {
    if (pod.apps().size() < 2) {
      return;
    }
    invocation.note("pod contains multiple apps:");
    for (AppView app : pod.apps()) {
      invocation.note("\t" + app.name());
    }
    throw CommandFailure.of(
        "unable to determine app name: specify app using \"rkt enter --app= ...\"");
  }
}
