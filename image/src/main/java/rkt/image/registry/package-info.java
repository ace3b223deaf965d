/**
 * The client side of the OCI distribution protocol: pulls, pushes, and the signatures that lie
 * beside images.
 *
 * <p>One small class per verb ({@link rkt.image.registry.ManifestPuller}, {@link
 * rkt.image.registry.BlobPuller}) behind one {@link rkt.image.registry.RegistryCaller} that owns
 * addressing, tokens, retries, redirects, time-outs and the wording of failures. {@link
 * rkt.image.registry.RegistryImages} strings them into one pull.
 *
 * <p>Invariants: every byte returned has been checked against its digest and size, or the stream
 * fails before its end; plain HTTP is spoken only when the user allowed it; a token never leaves
 * the host it was issued for.
 *
 * <p>Knows nothing of pods or the command line.
 */
package rkt.image.registry;
