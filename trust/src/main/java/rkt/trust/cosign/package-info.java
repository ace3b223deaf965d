/**
 * Cosign signatures made with a key pair: public keys and signed payloads, by the JDK's
 * cryptography alone.
 *
 * <p>Entry classes: {@link rkt.trust.cosign.CosignKey} and {@link rkt.trust.cosign.SimpleSigning}.
 * Keyless signatures (certificates, transparency logs) are not supported: they vouch for whoever
 * could log in somewhere.
 *
 * <p>Must not know: files, the policy, registries.
 */
package rkt.trust.cosign;
