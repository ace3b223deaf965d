/**
 * OpenPGP: keys and detached signatures, read and judged.
 *
 * <p>Entry classes: {@link rkt.trust.pgp.PgpKey} and {@link rkt.trust.pgp.DetachedSignatures}.
 *
 * <p>Invariants: what comes from outside passes {@link rkt.trust.pgp.Armor} and {@link
 * rkt.trust.pgp.Packets} first, which know every length before Bouncy Castle sees a byte; whatever
 * is wrong ends in an {@link rkt.trust.pgp.OpenPgpException} with one sentence. Only version 4 keys
 * and signatures: file names are their fingerprints. The policy is ours, not Bouncy Castle's, of
 * which only packets and primitives are used.
 *
 * <p>Must not know: files, the keystore, the policy, images.
 */
package rkt.trust.pgp;
