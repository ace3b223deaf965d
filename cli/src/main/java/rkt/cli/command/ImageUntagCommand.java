package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Values;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.ImageStore;

/** {@code rkt image untag}: takes names away; the images stay. */
final class ImageUntagCommand extends Command {
  ImageUntagCommand() {
    super("image untag", "REF...");
  }

  @Override
  public String description() {
    return """
    REF is a reference as "rkt image list --fields=id,refs" shows it, or as given to "rkt image tag".
    The image stays, with its other names and its ID.\
    """;
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().isEmpty()) {
      throw CommandFailure.usage("must provide at least one reference");
    }
    ImageStore store = invocation.engine().images();
    int code = ExitCodes.OK;
    for (String text : invocation.args()) {
      try {
        untag(store, text);
      } catch (EngineException e) {
        invocation.console().problem("", e);
        code = ExitCodes.FAILURE;
      }
    }
    return code;
  }

  /** As it is written in the store, else as one would type it. */
  private static void untag(ImageStore store, String text) throws EngineException {
    if (store.untag(text) || store.untag(ImageTag.parse(text))) {
      return;
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND, "untag " + text, "there is no reference " + Values.quote(text));
  }
}
