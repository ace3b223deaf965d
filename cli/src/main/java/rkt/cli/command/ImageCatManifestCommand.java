package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.EngineException;
import rkt.schema.appc.ImageManifest;
import rkt.store.ImageStore;

/** {@code rkt image cat-manifest}. */
final class ImageCatManifestCommand extends Command {
  ImageCatManifestCommand() {
    super("image cat-manifest", "IMAGE");
  }

  @Override
  public String description() {
    return "IMAGE is an image ID, whole or shortened, a name or a reference.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.boolOn("pretty-print", "apply indent to format the output"));
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    String image = ImageArgument.only(invocation);
    ImageStore store = invocation.engine().images();
    ImageManifest manifest = store.manifest(ImageArgument.find(store, image));
    boolean pretty = invocation.flags().on("pretty-print");
    invocation.json(pretty ? manifest.toPrettyJson() : manifest.toJson());
    return 0;
  }
}
