package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.pod.Engine;
import rkt.pod.LaunchRequest;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** {@code rkt run-prepared}: becomes a pod that {@code rkt prepare} made. */
final class RunPreparedCommand extends Command {
  RunPreparedCommand() {
    super("run-prepared", "UUID");
  }

  @Override
  public String description() {
    return """
    Runs a pod that rkt prepare made. A pod can be run once. What the pod consists of was
    decided when it was prepared; network, host name and terminal are decided here.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    LaunchFlags.flags(flags);
  }

  @Override
  public boolean needsRoot() {
    return true;
  }

  @Override
  public String completion() {
    return "__rkt_pods prepared";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().size() != 1) {
      throw CommandFailure.usage("expected exactly one pod: a UUID");
    }
    Engine engine = invocation.engine();
    PodUuid uuid;
    try {
      uuid = engine.pods().resolve(invocation.args().get(0));
    } catch (EngineException e) {
      throw CommandFailure.of("problem retrieving pod", e);
    }
    LaunchRequest launch = LaunchFlags.request(invocation);
    invocation.console().flush();
    engine.runner(Fetching.none()).runPrepared(uuid, launch);
    return 0;
  }
}
