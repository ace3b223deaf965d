/**
 * From a signature to a verdict: the keystore of OpenPGP keys, the policy, cosign keys.
 *
 * <p>Entry class: {@link rkt.trust.Trust}. A {@link rkt.trust.Subject} is judged by the rule of the
 * policy with the longest matching prefix; the outcome is a {@link rkt.schema.trust.Verdict} or a
 * refusal that says what was tried.
 *
 * <p>Invariants: nothing is trusted by default; a signature counts only over the very bytes that
 * enter the store; keys that are expired or revoked vouch for nothing; no class of Bouncy Castle is
 * touched unless a signature or a key is read.
 *
 * <p>Must not know: the network, the store, the command line.
 */
package rkt.trust;
