package rkt.cli.command;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.cli.Console;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.progress.Progress;
import rkt.cli.progress.ProgressMode;
import rkt.image.Diagnostics;
import rkt.image.Transfer;
import rkt.schema.EngineException;

/** The image layer's lines, with its own prefix, and its transfers as {@code --progress} says. */
final class ImageLines implements Diagnostics {
  private final Console console;
  private final ProgressMode mode;
  private final Set<String> warned = new HashSet<>(4);
  private @Nullable Progress progress;

  private ImageLines(Console console, ProgressMode mode) {
    this.console = console;
    this.mode = mode;
  }

  static Flag flag() {
    return Flag.text(
        "progress",
        "auto",
        "how to show transfers on standard error, allowed values: auto, plain, json, none");
  }

  static ImageLines of(Invocation invocation) throws EngineException {
    ProgressMode mode = mode(invocation.flags());
    if (mode == ProgressMode.JSON) {
      invocation.console().frameMessages();
    }
    return new ImageLines(invocation.console(), mode);
  }

  private static ProgressMode mode(FlagSet flags) throws EngineException {
    boolean quiet = flags.lookup("quiet") != null && flags.on("quiet");
    return quiet ? ProgressMode.NONE : ProgressMode.parse(flags.value("progress"));
  }

  @Override
  public void debug(String line) {
    console.debug("image", line);
  }

  /** Each once: images that are fetched together are warned of alike. */
  @Override
  public void warn(String line) {
    if (firstTime(line)) {
      console.note("image", line);
    }
  }

  private synchronized boolean firstTime(String line) {
    return warned.add(line);
  }

  @Override
  public Transfer transfer(String what, long total) {
    return progress().begin(what, total);
  }

  /** Made by the first transfer: a stored image needs none of its classes. */
  private synchronized Progress progress() {
    Progress current = progress;
    if (current == null) {
      current = Progress.of(mode, console);
      progress = current;
    }
    return current;
  }
}
