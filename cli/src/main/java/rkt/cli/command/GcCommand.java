package rkt.cli.command;

import java.time.Duration;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.pod.GcRequest;
import rkt.schema.EngineException;

/** {@code rkt gc}. */
final class GcCommand extends Command {
  GcCommand() {
    super("gc", "");
  }

  @Override
  public String description() {
    return "Marks ended pods as garbage and deletes what was marked longer ago than the grace period.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.duration(
                "grace-period",
                "30m0s",
                "duration to wait before discarding inactive pods from garbage"))
        .add(
            Flag.duration(
                "expire-prepared", "24h0m0s", "duration to wait before expiring prepared pods"))
        .add(Flag.bool("mark-only", "only mark pods as garbage, do not delete anything"));
  }

  @Override
  public boolean needsRoot() {
    return true;
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException, UsageException {
    invocation.noArguments();
    FlagSet flags = invocation.flags();
    invocation
        .engine()
        .garbageCollector()
        .collect(
            new GcRequest(
                Duration.ofNanos(flags.nanos("grace-period")),
                Duration.ofNanos(flags.nanos("expire-prepared")),
                flags.on("mark-only")));
    if (!flags.on("mark-only")) {
      invocation.engine().networkUpkeep().collect();
    }
    return 0;
  }
}
