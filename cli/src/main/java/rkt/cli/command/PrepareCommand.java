package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.pod.Engine;
import rkt.pod.PodRequest;
import rkt.schema.EngineException;

/** {@code rkt prepare}: all that running a pod takes, short of running it. */
final class PrepareCommand extends PodCommand {
  PrepareCommand() {
    super("prepare");
  }

  @Override
  public String description() {
    return """
    Fetches images and makes a pod of them, as rkt run does, but does not start it. Prints the
    pod's UUID, which rkt run-prepared takes. The pod needs the images no more: they may be
    removed from the store.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    super.flags(flags);
    flags.add(
        Flag.bool("quiet", "show no progress: standard output gets the UUID alone in any case"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    PodFlags.parse(invocation, apps, leaf());
    Engine engine = invocation.engine();
    Fetching fetching = Fetching.of(invocation, engine);
    PodRequest pod = PodFlags.request(invocation, apps);
    invocation.out(engine.runner(fetching).prepare(pod).value());
    return 0;
  }
}
