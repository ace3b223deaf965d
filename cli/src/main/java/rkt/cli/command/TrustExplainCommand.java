package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.render.PlainText;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.image.StoredTrust;
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
    Optional<ImageRecord> image = find(engine, argument);
    Explainer explainer = engine.trustExplainer();
    if (image.isEmpty()) {
      Explainer.Explanation explanation = explainer.explain(subject(argument), Optional.empty());
      show(invocation, explanation);
      return explanation.trusted() ? ExitCodes.OK : ExitCodes.FAILURE;
    }
    ImageRecord found = image.get();
    ImageString asked =
        isId(argument) ? new ImageString.HashImage(argument) : ImageStrings.parse(argument);
    StoredTrust trust = new StoredTrust(store, engine.trust());
    invocation.out("image: " + found.id());
    boolean trusted = false;
    for (Subject subject : trust.subjects(asked, found)) {
      Explainer.Explanation explanation =
          explainer.explain(subject, Optional.of(stored(store, found)));
      show(invocation, explanation);
      trusted |= explanation.trusted();
    }
    return trusted && mayRun(invocation, engine, trust, asked, found)
        ? ExitCodes.OK
        : ExitCodes.FAILURE;
  }

  private static void show(Invocation invocation, Explainer.Explanation explanation) {
    for (String line : explanation.lines()) {
      invocation.out(PlainText.of(line));
    }
  }

  /** The last word is that of the check which {@code run} makes, over all subjects together. */
  private static boolean mayRun(
      Invocation invocation, Engine engine, StoredTrust trust, ImageString asked, ImageRecord image)
      throws EngineException {
    if (!engine.trust().rechecks()) {
      return true;
    }
    try {
      trust.check(asked, image);
      return true;
    } catch (EngineException e) {
      if (e.code() != ErrorCode.REFUSED) {
        throw e;
      }
      invocation.out(PlainText.of("as a whole: refused: " + e.attempted() + ": " + e.why()));
      return false;
    }
  }

  /** The image that {@code run} would take. */
  private static Optional<ImageRecord> find(Engine engine, String argument) throws EngineException {
    ImageStore store = engine.images();
    try {
      ImageRecord found = ImageArgument.find(store, argument);
      if (!isId(argument)
          && engine.trust().rechecks()
          && ImageStrings.parse(argument) instanceof ImageString.NameImage name) {
        return Optional.of(new StoredTrust(store, engine.trust()).preferred(name, found));
      }
      return Optional.of(found);
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
        image.verdicts(),
        kept.isPresent() ? Optional.of(Evidence.parse(kept.get())) : Optional.empty(),
        image.manifestDigest(),
        () -> store.openAci(image));
  }
}
