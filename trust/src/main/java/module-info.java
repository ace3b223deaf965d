import org.jspecify.annotations.NullMarked;

/**
 * Who may vouch for an image: the keystore, OpenPGP and cosign signatures, the policy, and verdicts
 * with their reasons. No network.
 */
@NullMarked
module rkt.trust {
  requires static org.jspecify;
  requires transitive rkt.schema;
  requires transitive rkt.os;
  requires org.bouncycastle.pg;
  requires org.bouncycastle.provider;

  exports rkt.trust;
  exports rkt.trust.pgp;
}
