package rkt.cli.command;

import rkt.image.DiscoveredKeys;
import rkt.image.FetchOptions;
import rkt.image.InsecureOption;
import rkt.image.InsecureOptions;
import rkt.image.PublicKeys;
import rkt.image.PullPolicy;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.trust.KeyReview;

/**
 * Keys that were discovered on the way to an image: accepted when they came over https and {@code
 * --trust-keys-from-https} says that this is enough, else asked about. One dialogue at a time,
 * though several images may be fetched at once.
 */
final class OfferedKeys implements DiscoveredKeys {
  private final Invocation invocation;
  private final Engine engine;

  OfferedKeys(Invocation invocation, Engine engine) {
    this.invocation = invocation;
    this.engine = engine;
  }

  @Override
  public synchronized void fetchFor(String name) throws EngineException {
    InsecureOptions insecure = invocation.insecure();
    boolean http = insecure.has(InsecureOption.PUBKEY) && insecure.has(InsecureOption.HTTP);
    KeyReview.Accept accept =
        invocation.flags().on("trust-keys-from-https")
            ? KeyReview.Accept.HTTPS
            : KeyReview.Accept.ASK;
    FetchOptions options =
        Fetching.options(invocation, engine, PullPolicy.UPDATE).withKeys(DiscoveredKeys.IGNORED);
    try (PublicKeys source = new PublicKeys(options, http)) {
      new KeyReview(engine.keystore(), source, new KeyDialogue(invocation.console(), false), http)
          .fetchFor(name, accept);
    }
  }
}
