package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.Console;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.pod.Engine;
import rkt.pod.PodStore;
import rkt.pod.StopOutcome;
import rkt.pod.Stopper;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** {@code rkt stop}. */
final class StopCommand extends Command {
  StopCommand() {
    super("stop", "--uuid-file=FILE | UUID ...");
  }

  @Override
  public String description() {
    return "Asks the pods' apps to end; with --force they are killed.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.bool("force", "forced stopping")).add(PodArgument.uuidFile());
  }

  @Override
  public String completion() {
    return "__rkt_pods running";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    Engine engine = invocation.engine();
    PodStore pods = engine.pods();
    Stopper stopper = engine.stopper();
    int failures = 0;
    for (String word : PodArgument.many(invocation, pods, ExitCodes.UUID_FILE)) {
      PodUuid uuid;
      try {
        uuid = pods.resolve(word);
      } catch (EngineException e) {
        invocation.console().problem("cannot get pod", e);
        failures++;
        continue;
      }
      if (!said(invocation.console(), uuid, stopper.stop(uuid, invocation.flags().on("force")))) {
        failures++;
      }
      invocation.console().flush();
    }
    if (failures > 0) {
      invocation.note("failed to stop " + failures + " pod(s)");
      return ExitCodes.FAILURE;
    }
    return 0;
  }

  /** Tells the outcome. @return whether the pod is, or will be, stopped */
  static boolean said(Console console, PodUuid uuid, StopOutcome outcome) {
    if (outcome instanceof StopOutcome.Stopped) {
      console.out("\"" + uuid + "\"");
      return true;
    } else if (outcome instanceof StopOutcome.AlreadyStopped) {
      console.out("pod \"" + uuid + "\" is already stopped");
      return true;
    } else if (outcome instanceof StopOutcome.Failed failed) {
      console.problem("error stopping \"" + uuid + "\"", failed.why());
    } else {
      console.note("pod \"" + uuid + "\" is not running");
    }
    return false;
  }
}
