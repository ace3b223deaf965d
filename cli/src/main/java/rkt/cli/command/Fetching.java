package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.FetchOptions;
import rkt.image.ImageFinder;
import rkt.image.ImageString;
import rkt.image.PullPolicy;
import rkt.pod.Engine;
import rkt.pod.ImageSource;
import rkt.schema.EngineException;
import rkt.schema.Version;
import rkt.store.ImageRecord;

/** Finding and fetching images for a command, with the flags that say when the network is used. */
final class Fetching implements ImageSource {
  private final Engine engine;
  private final FetchOptions options;

  private Fetching(Engine engine, FetchOptions options) {
    this.engine = engine;
    this.options = options;
  }

  static void flags(FlagSet flags, String defaultPolicy) {
    flags
        .add(
            Flag.text(
                "pull-policy",
                defaultPolicy,
                "when to pull an image, allowed values: never, new, update"))
        .add(ImageLines.flag())
        .add(
            Flag.bool("store-only", "use only available images in the store")
                .deprecated("please use --pull-policy=never"))
        .add(
            Flag.bool("no-store", "fetch images ignoring the local store")
                .deprecated("please use --pull-policy=update"));
  }

  static Fetching of(Invocation invocation, Engine engine) throws CommandFailure, EngineException {
    FetchOptions options =
        new FetchOptions(
            invocation.insecure(),
            policy(invocation.flags()),
            ImageLines.of(invocation),
            "rkt/" + Version.VERSION);
    return new Fetching(engine, options);
  }

  private static PullPolicy policy(FlagSet flags) throws CommandFailure, EngineException {
    boolean storeOnly = flags.on("store-only");
    boolean noStore = flags.on("no-store");
    if (storeOnly && noStore) {
      throw CommandFailure.of("both --store-only and --no-store specified");
    }
    if (storeOnly) {
      return PullPolicy.NEVER;
    }
    return noStore ? PullPolicy.UPDATE : PullPolicy.parse(flags.value("pull-policy"));
  }

  /** A finder is for one thread; several images may be fetched at once. */
  @Override
  public ImageRecord find(ImageString image) throws EngineException {
    return new ImageFinder(engine.images(), options).find(image);
  }
}
