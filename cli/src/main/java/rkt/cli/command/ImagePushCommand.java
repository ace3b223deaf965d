package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.FetchOptions;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.image.PullPolicy;
import rkt.image.registry.ImagePusher;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.store.ImageRecord;

/** {@code rkt image push}. */
final class ImagePushCommand extends Command {
  ImagePushCommand() {
    super("image push", "IMAGE docker://HOST[:PORT]/NAME[:TAG|@DIGEST]");
  }

  @Override
  public String description() {
    return "Pushes an image of the local store to a registry and prints its digest. IMAGE is an image\n"
        + "ID, whole or shortened, NAME[:VERSION][,LABEL=VALUE], or the reference it was fetched by.\n"
        + "What the registry has is not sent again. An OCI image arrives byte for byte as it came;\n"
        + "an ACI becomes an OCI image of one layer.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.bool("signatures", "push the signatures that were kept with the image too"))
        .add(ImageLines.flag());
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().size() != 2) {
      throw CommandFailure.usage("expected an image and the place to push it to");
    }
    DockerReference target = target(invocation.args().get(1));
    Engine engine = invocation.engine();
    ImageRecord image = ImageArgument.find(engine.images(), invocation.args().get(0));
    FetchOptions options = Fetching.options(invocation, engine, PullPolicy.NEVER);
    Digest digest =
        new ImagePusher(engine.images(), engine.kernel(), options)
            .push(image, target, invocation.flags().on("signatures"));
    invocation.out(digest.toString());
    return 0;
  }

  /** What is neither {@code docker://} nor unambiguous would go to a registry nobody named. */
  private static DockerReference target(String text) throws CommandFailure, EngineException {
    if (ImageStrings.parse(text) instanceof ImageString.DockerImage docker) {
      return docker.reference();
    }
    throw CommandFailure.usage("push to docker://HOST[:PORT]/NAME[:TAG], not to \"" + text + "\"");
  }
}
