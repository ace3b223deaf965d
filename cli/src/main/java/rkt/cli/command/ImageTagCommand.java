package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.Reference;

/** {@code rkt image tag}: one more name for an image in the store. */
final class ImageTagCommand extends Command {
  ImageTagCommand() {
    super("image tag", "IMAGE REF");
  }

  @Override
  public String description() {
    return """
    REF is what "rkt run" and "rkt image ..." shall find the image by: docker://[HOST[:PORT]/]NAME[:TAG],
    as if it had been fetched from there, or a name of this machine's own, NAME[:VERSION]. Such a name
    goes before images that call themselves so. A REF that stands for another image stands for this one
    from now on. IMAGE is an image ID, whole or shortened, a name or a reference.\
    """;
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().size() != 2) {
      throw CommandFailure.usage("expected an image and a reference");
    }
    String ref = ImageTag.parse(invocation.args().get(1));
    ImageStore store = invocation.engine().images();
    ImageRecord image = ImageArgument.find(store, invocation.args().get(0));
    store.tag(Reference.of(ref), image.id());
    return 0;
  }
}
