package rkt.cli.command;

import java.nio.file.Path;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.pod.Engine;
import rkt.pod.LaunchRequest;
import rkt.pod.PodRequest;
import rkt.pod.RunRequest;
import rkt.schema.EngineException;

/** {@code rkt run}: becomes the pod. */
final class RunCommand extends PodCommand {
  RunCommand() {
    super("run");
  }

  @Override
  public String description() {
    return """
    Runs one or more images in a pod. An image is a local .aci file, a docker:// reference,
    or an ID or name in the store.

    Flags that concern one app follow its image; what follows -- is passed to the app, and
    --- ends that, so that another image may come:

        rkt run docker://a --name=one -- arg1 --- docker://b --exec=/bin/b\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    super.flags(flags);
    LaunchFlags.flags(flags);
    flags
        .add(Flag.text("uuid-file-save", "", "write out pod UUID to specified file"))
        .add(
            Flag.optional(
                "print-plan",
                Flag.Kind.TEXT,
                "",
                "text",
                "print what would be run and how it would be isolated, and run nothing, allowed"
                    + " values: text, json, json-pretty"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    PodFlags.parse(invocation, apps, leaf());
    FlagSet flags = invocation.flags();
    PortFlag.check(flags, Networks.request(flags));
    Engine engine = invocation.engine();
    Fetching fetching = Fetching.of(invocation, engine);
    PodRequest pod = PodFlags.request(invocation, apps);
    if (flags.on("interactive") && apps.count() > 1) {
      throw CommandFailure.of("interactive option only supports one image");
    }
    PlanPage.check(flags);
    LaunchRequest launch = LaunchFlags.request(invocation);
    RunRequest request =
        new RunRequest(
            pod,
            launch,
            flags.given("uuid-file-save")
                ? Optional.of(Path.of(flags.value("uuid-file-save")))
                : Optional.empty());
    if (flags.given("print-plan")) {
      PlanPage.print(invocation, engine.runner(fetching).plan(request));
      return 0;
    }
    invocation.console().flush();
    engine.runner(fetching).run(request);
    return 0;
  }
}
