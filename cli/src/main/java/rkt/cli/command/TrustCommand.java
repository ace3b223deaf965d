package rkt.cli.command;

import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.InsecureOption;
import rkt.image.PublicKeys;
import rkt.image.PullPolicy;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.trust.KeyReview;
import rkt.trust.KeySource;

/** {@code rkt trust}: keys are shown, asked about, and added to the local keystore. */
final class TrustCommand extends Command {
  private static final String UNBOUNDED =
      "aborting due to implicit unbounded trust (root domain)\n"
          + "Trusting a key for every image there is has to be said explicitly:\n"
          + "  --prefix=example.com/app   trusts it for that image and all below it\n"
          + "  --prefix=example.com       trusts it for all images of that domain\n"
          + "  --root                     trusts it for every image";

  TrustCommand() {
    super("trust", "[--prefix=PREFIX] [--root] [PUBKEY ...]");
  }

  @Override
  public String description() {
    return "Adds public keys to the local keystore: images they signed are trusted.\n"
        + "PUBKEY is a file or an https URL. Without one the keys are discovered, as the image is:\n"
        + "by the meta tags ac-discovery-pubkeys of the host in PREFIX.\n"
        + "A file named like a sub-command (list) is written with a path: ./list";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.text("prefix", "", "prefix to limit trust to"))
        .add(Flag.bool("root", "add root key without a prefix"))
        .add(Flag.bool("skip-fingerprint-review", "accept key without fingerprint confirmation"))
        .add(Flag.bool("insecure-allow-http", "allow HTTP use for key discovery and/or retrieval"));
    // For what speaks to servers; keys are too small for a progress line.
    flags.add(Flag.text("progress", "none", "").hide());
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    FlagSet flags = invocation.flags();
    String prefix = flags.value("prefix");
    boolean root = flags.on("root");
    List<String> locations = invocation.args();
    check(prefix, root, locations);
    if (invocation.insecure().has(InsecureOption.IMAGE)) {
      throw CommandFailure.of(
          "could not get the keystore: --insecure-options=image leaves no signature to trust");
    }
    boolean http =
        flags.on("insecure-allow-http")
            || (invocation.insecure().has(InsecureOption.PUBKEY)
                && invocation.insecure().has(InsecureOption.HTTP));
    Engine engine = invocation.engine();
    try (PublicKeys source =
        new PublicKeys(Fetching.options(invocation, engine, PullPolicy.UPDATE), http)) {
      KeyReview.Accept accept =
          flags.on("skip-fingerprint-review")
              ? KeyReview.Accept.ALL
              : flags.on("trust-keys-from-https") ? KeyReview.Accept.HTTPS : KeyReview.Accept.ASK;
      KeyReview review =
          new KeyReview(
              engine.keystore(), source, new KeyDialogue(invocation.console(), true), http);
      if (locations.isEmpty()) {
        review.addOffered(prefix, discover(source, prefix), accept);
      } else {
        review.add(prefix, locations, accept);
      }
    }
    return 0;
  }

  private static void check(String prefix, boolean root, List<String> locations)
      throws CommandFailure {
    if (prefix.isEmpty() && !root) {
      throw locations.isEmpty()
          ? CommandFailure.usage("either --prefix or --root is needed")
          : CommandFailure.of(UNBOUNDED);
    }
    if (!prefix.isEmpty() && root) {
      throw CommandFailure.of("--root and --prefix usage mutually exclusive");
    }
    int scheme = prefix.indexOf("://");
    if (scheme >= 0) {
      throw CommandFailure.of(
          "--prefix must not contain a URL scheme, omit " + prefix.substring(0, scheme + 3));
    }
    if (root && locations.isEmpty()) {
      throw CommandFailure.of("error determining key location: empty prefix");
    }
  }

  private static KeySource.Offer discover(PublicKeys source, String prefix) throws CommandFailure {
    try {
      return source.discover(prefix);
    } catch (EngineException e) {
      throw CommandFailure.of("error determining key location", e);
    }
  }
}
