package rkt.cli.command;

import java.time.Duration;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.render.Sizes;
import rkt.cli.render.Table;
import rkt.schema.EngineException;
import rkt.schema.json.JsonWriter;
import rkt.store.GcDecision;
import rkt.store.GcReport;
import rkt.store.RemovalResult;

/** {@code rkt image gc}. */
final class ImageGcCommand extends Command {
  ImageGcCommand() {
    super("image gc", "");
  }

  @Override
  public String description() {
    return """
    Removes rendered trees and layers no pod refers to, and images not used within the grace period.
    With --dry-run it removes nothing and says what it would remove. With --explain it shows all that
    is in the store, whether it is kept, and why.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.duration(
                "grace-period",
                "24h0m0s",
                "duration to wait since an image was last used before removing it"))
        .add(Flag.bool("dry-run", "say what would be removed, and remove nothing"))
        .add(Flag.bool("explain", "show everything in the store, kept or not, and why"))
        .add(Format.flag());
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException, UsageException {
    invocation.noArguments();
    FlagSet flags = invocation.flags();
    Format format = Format.of(flags);
    boolean dry = flags.on("dry-run");
    GcReport report =
        invocation
            .engine()
            .imageCollector()
            .collect(Duration.ofNanos(flags.nanos("grace-period")), dry);
    boolean explain = flags.on("explain");
    if (format != Format.TABLE) {
      invocation.json(json(report, dry, explain, format.writer()));
    } else if (explain || dry) {
      table(invocation, report, dry, explain);
    }
    for (String failure : report.failures()) {
      invocation.note(failure);
    }
    int code = dry || format != Format.TABLE ? silent(report) : said(invocation, report);
    return report.failures().isEmpty() ? code : ExitCodes.FAILURE;
  }

  /** As the ancestor said it. */
  private static int said(Invocation invocation, GcReport report) {
    for (String tree : report.removedTrees()) {
      invocation.note("removed treestore \"" + tree + "\"");
    }
    Removals removals = new Removals(invocation);
    removals.add(report.images());
    int code = removals.report();
    if (report.freedBytes() > 0) {
      invocation.note(Sizes.iec(report.freedBytes()) + " freed");
    }
    return code;
  }

  private static int silent(GcReport report) {
    for (RemovalResult result : report.images()) {
      if (!(result instanceof RemovalResult.Removed)) {
        return ExitCodes.FAILURE;
      }
    }
    return ExitCodes.OK;
  }

  private static void table(Invocation invocation, GcReport report, boolean dry, boolean explain) {
    Table table = new Table();
    table.row("WHAT", "NAME", "SIZE", dry ? "WOULD BE" : "IS", "WHY");
    for (GcDecision decision : report.decisions()) {
      if (explain || !decision.kept()) {
        table.row(
            decision.thing().word(),
            decision.what(),
            decision.bytes() > 0 ? Sizes.iec(decision.bytes()) : "-",
            decision.kept() ? "kept" : "removed",
            decision.why());
      }
    }
    invocation.console().write(table.toString());
    if (dry) {
      invocation.note(Sizes.iec(report.freedBytes()) + " would be freed");
    }
  }

  private static String json(GcReport report, boolean dry, boolean explain, JsonWriter json) {
    json.beginObject();
    json.name("dry_run").value(dry);
    json.name("freed").value(report.freedBytes());
    json.name("decisions").beginArray();
    for (GcDecision decision : report.decisions()) {
      if (explain || !decision.kept()) {
        json.beginObject();
        json.name("thing").value(decision.thing().word());
        json.name("what").value(decision.what());
        json.name("kept").value(decision.kept());
        json.name("why").value(decision.why());
        json.name("bytes").value(decision.bytes());
        json.endObject();
      }
    }
    return json.endArray().endObject().toString();
  }
}
