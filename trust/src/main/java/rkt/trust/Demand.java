package rkt.trust;

import rkt.schema.trust.Verdict;

/** What an image of a subject must show before it may enter the store. */
public sealed interface Demand {
  /** Nothing: the verdict is known already (an insecure option, or a rule for unsigned images). */
  record Nothing(Verdict verdict) implements Demand {}

  /** A good OpenPGP signature by a key the keystore trusts for the subject. */
  record Pgp(String rule) implements Demand {}

  /** A good cosign signature by one of the rule's keys. */
  record Cosign(String rule) implements Demand {}
}
