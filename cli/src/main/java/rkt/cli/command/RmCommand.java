package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.Console;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.FlagSet;
import rkt.pod.Engine;
import rkt.pod.PodStore;
import rkt.pod.RemoveOutcome;
import rkt.pod.Remover;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** {@code rkt rm}. */
final class RmCommand extends Command {
  RmCommand() {
    super("rm", "--uuid-file=FILE | UUID ...");
  }

  @Override
  public String description() {
    return "Removes the pods and everything they left. Running pods are refused: stop them first.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(PodArgument.uuidFile());
  }

  @Override
  public boolean needsRoot() {
    return true;
  }

  @Override
  public String completion() {
    return "__rkt_pods 'prepare|exited'";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    Engine engine = invocation.engine();
    PodStore pods = engine.pods();
    Remover remover = engine.remover();
    boolean failed = false;
    for (String word : PodArgument.many(invocation, pods, ExitCodes.FAILURE)) {
      try {
        PodUuid uuid = pods.resolve(word);
        failed |= !said(invocation.console(), uuid, remover.remove(uuid));
      } catch (EngineException e) {
        invocation.console().problem("cannot get pod", e);
        failed = true;
      }
      invocation.console().flush();
    }
    if (failed) {
      invocation.note("failed to remove one or more pods");
      return ExitCodes.FAILURE;
    }
    return 0;
  }

  /** Tells the outcome. @return whether the pod is gone */
  static boolean said(Console console, PodUuid uuid, RemoveOutcome outcome) {
    if (outcome instanceof RemoveOutcome.Removed) {
      console.out("\"" + uuid + "\"");
      return true;
    } else if (outcome instanceof RemoveOutcome.Busy busy) {
      console.note(busy.why());
    } else if (outcome instanceof RemoveOutcome.Failed failed) {
      console.problem("unable to remove pod \"" + uuid + "\"", failed.why());
    }
    return false;
  }
}
