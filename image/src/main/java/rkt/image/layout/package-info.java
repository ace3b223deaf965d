/**
 * Images as files on this machine: OCI image layouts, as a directory or a tar, and the archives of
 * {@code docker save}; in ({@link rkt.image.layout.LayoutImages}) and out ({@link
 * rkt.image.layout.ImageExport}).
 *
 * <p>Invariants: a layout comes from a stranger, so nothing outside of it is opened, nothing but
 * regular files is read, every document is bounded and every digest checked; what is written
 * appears complete or not at all.
 *
 * <p>Knows nothing of the network, pods or command-line flags.
 */
package rkt.image.layout;
