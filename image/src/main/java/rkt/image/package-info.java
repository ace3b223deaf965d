/**
 * From what a user typed to an image in the store.
 *
 * <p>{@link rkt.image.ImageStrings} decides what an image string means, {@link
 * rkt.image.ImageFinder} turns it into a stored image under a {@link rkt.image.PullPolicy} and the
 * {@link rkt.image.InsecureOptions} of the command line, and {@link rkt.image.OciToAppc} derives
 * the appc face of an OCI image.
 *
 * <p>Invariants: nothing enters the store unverified unless an insecure option says so; a digest is
 * checked even then; no class of {@code java.net.http} is touched unless a download starts.
 *
 * <p>Knows nothing of pods, stage1 or command-line flags; messages go to {@link
 * rkt.image.Diagnostics} without a prefix.
 */
package rkt.image;
