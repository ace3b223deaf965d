package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.image.StoredTrust;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.Reference;
import rkt.trust.Trust;

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
    ImageString target = ImageStrings.parse(invocation.args().get(1));
    String ref = ImageTag.parse(invocation.args().get(1));
    Engine engine = invocation.engine();
    ImageStore store = engine.images();
    ImageRecord image = ImageArgument.find(store, invocation.args().get(0));
    check(engine, ref, target, image);
    store.tag(Reference.of(ref), image.id());
    return 0;
  }

  /** A name that a policy protects is not given to an image that could not be run by it. */
  private static void check(Engine engine, String ref, ImageString target, ImageRecord image)
      throws EngineException {
    Trust trust = engine.trust();
    if (!trust.rechecks()) {
      return;
    }
    try {
      new StoredTrust(engine.images(), trust).checkTag(target, image);
    } catch (EngineException e) {
      throw EngineException.of(
          e.code(),
          "name image " + image.id() + " " + ref,
          "it could not be run by that name: " + e.why(),
          "change the trust policy, or give the name with --insecure-options=image");
    }
  }
}
