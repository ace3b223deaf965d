package rkt.cli.command;

import java.nio.file.Path;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.FetchOptions;
import rkt.image.ImageFinder;
import rkt.image.ImageString;
import rkt.image.InsecureOptions;
import rkt.image.Platforms;
import rkt.image.PullPolicy;
import rkt.image.auth.ConfiguredCredentials;
import rkt.image.auth.DockerLogins;
import rkt.pod.Engine;
import rkt.pod.ImageSource;
import rkt.pod.config.Config;
import rkt.schema.EngineException;
import rkt.schema.Version;
import rkt.schema.oci.Platform;
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
        .add(
            Flag.text(
                "platform",
                "",
                "fetch the image for OS/ARCHITECTURE[/VARIANT] instead of this machine's"))
        .add(ImageLines.flag())
        .add(
            Flag.bool("store-only", "use only available images in the store")
                .deprecated("please use --pull-policy=never"))
        .add(
            Flag.bool("no-store", "fetch images ignoring the local store")
                .deprecated("please use --pull-policy=update"));
  }

  static Fetching of(Invocation invocation, Engine engine) throws CommandFailure, EngineException {
    return new Fetching(engine, options(invocation, engine, policy(invocation.flags())));
  }

  /** For a command that has all its images: none is ever looked for. */
  static ImageSource none() {
    return (image, signature) -> {
      throw new IllegalStateException("no image is looked for");
    };
  }

  /** What is configured for speaking to servers and for trusting what they give. */
  static FetchOptions options(Invocation invocation, Engine engine, PullPolicy policy)
      throws EngineException {
    InsecureOptions insecure = invocation.insecure();
    ImageLines lines = ImageLines.of(invocation);
    Config config = engine.config();
    DockerLogins logins = DockerLogins.of(engine.kernel(), System.getenv(), lines);
    return new FetchOptions(insecure, policy, lines, "rkt/" + Version.VERSION)
        .withCredentials(new ConfiguredCredentials(config.auth(), config.dockerAuth(), logins))
        .withRegistries(config.registries())
        .withTrust(engine.trust())
        .withKeys(new OfferedKeys(invocation, engine))
        .withPlatform(platform(invocation.flags()));
  }

  private static Optional<Platform> platform(FlagSet flags) throws EngineException {
    String text = flags.lookup("platform") != null ? flags.value("platform") : "";
    return text.isEmpty() ? Optional.empty() : Optional.of(Platforms.parse(text));
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
  public ImageRecord find(ImageString image, Optional<Path> signature) throws EngineException {
    return new ImageFinder(engine.images(), options).find(image, signature);
  }
}
