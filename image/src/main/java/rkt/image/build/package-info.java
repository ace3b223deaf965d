/**
 * Making an ACI from a root file system: {@code rkt image build}.
 *
 * <p>{@link rkt.image.build.ManifestFlags} turns the flags as typed into an image manifest, {@link
 * rkt.image.build.AciBuilder} writes manifest and files as one tar.
 *
 * <p>Invariant: the same manifest and the same files give the same bytes and therefore the same
 * image ID, whatever order the directory lists them in and whenever they were unpacked. Entries are
 * sorted; times are fixed unless asked otherwise.
 */
package rkt.image.build;
