package rkt.cli.command;

import java.util.LinkedHashSet;
import java.util.Set;
import rkt.cli.CommandFailure;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.store.ImageStore;

/** {@code rkt image rm}. An image named twice, by name and by ID, is one image. */
final class ImageRmCommand extends Command {
  ImageRmCommand() {
    super("image rm", "IMAGE...");
  }

  @Override
  public String description() {
    return "IMAGE is an image ID, whole or shortened, or NAME[:VERSION][,LABEL=VALUE].";
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
    for (String image : invocation.args()) {
      try {
        ids.add(ImageArgument.find(store, image).id());
      } catch (EngineException e) {
        // As in the ancestor, a name that is not there is reported and changes no exit status.
        invocation.console().problem("", e);
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
    return removals.report();
  }
}
