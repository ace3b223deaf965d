package rkt.cli.command;

import java.time.Duration;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.schema.EngineException;
import rkt.store.GcReport;

/** {@code rkt image gc}. */
final class ImageGcCommand extends Command {
  ImageGcCommand() {
    super("image gc", "");
  }

  @Override
  public String description() {
    return "Removes rendered trees and layers no pod refers to, and images not used within the grace period.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(
        Flag.duration(
            "grace-period",
            "24h0m0s",
            "duration to wait since an image was last used before removing it"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException, UsageException {
    invocation.noArguments();
    GcReport report =
        invocation
            .engine()
            .imageCollector()
            .collect(Duration.ofNanos(invocation.flags().nanos("grace-period")));
    for (String tree : report.removedTrees()) {
      invocation.note("removed treestore \"" + tree + "\"");
    }
    Removals removals = new Removals(invocation);
    removals.add(report.images());
    for (String failure : report.failures()) {
      invocation.note(failure);
    }
    int code = removals.report();
    return report.failures().isEmpty() ? code : ExitCodes.FAILURE;
  }
}
