package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.Evidence;
import rkt.trust.Explainer;
import rkt.trust.Subject;

/** {@code rkt trust explain}: every rule and key tried, and the verdict. */
final class TrustExplainCommand extends Command {
  TrustExplainCommand() {
    super("trust explain", "IMAGE");
  }

  @Override
  public String description() {
    return "Shows why an image is trusted, or not: the rules that cover it, the keys that were\n"
        + "tried, and what its signatures are worth today. IMAGE need not be in the store: then\n"
        + "it shows what an image of that name would have to have. Ends with 254 when not trusted.";
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    String argument = ImageArgument.only(invocation);
    Engine engine = invocation.engine();
    ImageStore store = engine.images();
    Optional<ImageRecord> image = find(store, argument);
    Explainer explainer = engine.trustExplainer();
    Explainer.Explanation explanation =
        image.isPresent()
            ? explainer.explain(subject(image.get()), Optional.of(stored(store, image.get())))
            : explainer.explain(subject(argument), Optional.empty());
    if (image.isPresent()) {
      invocation.out("image: " + image.get().id());
    }
    for (String line : explanation.lines()) {
      invocation.out(rkt.cli.render.PlainText.of(line));
    }
    return explanation.trusted() ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  private static Optional<ImageRecord> find(ImageStore store, String argument)
      throws EngineException {
    try {
      return Optional.of(ImageArgument.find(store, argument));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.NOT_FOUND && !isId(argument)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isId(String argument) {
    return argument.startsWith("sha512-") || argument.startsWith("sha256-");
  }

  private static Subject subject(ImageRecord image) {
    return image.kind() == ImageRecord.Kind.ACI
        ? Subject.aci(image.name().value())
        : Subject.oci(image.verdict().subject());
  }

  private static Subject subject(String argument) throws CommandFailure, EngineException {
    ImageString image = ImageStrings.parse(argument);
    return switch (image) {
      case ImageString.NameImage name -> Subject.aci(name.name().value());
      case ImageString.DockerImage docker ->
          Subject.oci(docker.reference().host() + "/" + docker.reference().repository());
      default ->
          throw CommandFailure.of(
              "\"" + argument + "\" is not in the store, and not a name that rules are given for");
    };
  }

  private static Explainer.Stored stored(ImageStore store, ImageRecord image)
      throws EngineException {
    Optional<byte[]> kept = store.evidence(image.id());
    return new Explainer.Stored(
        image.verdict(),
        kept.isPresent() ? Optional.of(Evidence.parse(kept.get())) : Optional.empty(),
        image.manifestDigest(),
        () -> store.openAci(image));
  }
}
