package rkt.cli.command;

import java.util.LinkedHashSet;
import java.util.Set;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.store.ImageStore;

/** {@code rkt image rm}. An image named twice, by name and by ID, is one image. */
final class ImageRmCommand extends Command {
  ImageRmCommand() {
    super("image rm", "IMAGE...");
  }

  @Override
  public String description() {
    return "IMAGE is an image ID, whole or shortened, a name or a reference.";
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().isEmpty()) {
      throw CommandFailure.usage("must provide at least one image");
    }
    ImageStore store = invocation.engine().images();
    Set<ImageId> ids = new LinkedHashSet<>();
    int code = ExitCodes.OK;
    for (String image : invocation.args()) {
      try {
        ids.add(ImageArgument.find(store, image).id());
      } catch (EngineException e) {
        // As in the ancestor, a name that is no image is reported and changes no exit status. A
        // store
        // that cannot be read does.
        invocation.console().problem("", e);
        code = unreadable(e.code()) ? ExitCodes.FAILURE : code;
      }
    }
    Removals removals = new Removals(invocation);
    for (ImageId id : ids) {
      try {
        removals.add(store.remove(id));
      } catch (EngineException e) {
        removals.failed(id.toString(), e);
      }
    }
    return Math.max(code, removals.report());
  }

  private static boolean unreadable(ErrorCode code) {
    return code == ErrorCode.PERMISSION || code == ErrorCode.SYSTEM || code == ErrorCode.CORRUPT;
  }
}
