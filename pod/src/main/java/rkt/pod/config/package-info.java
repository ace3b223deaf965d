/**
 * Configuration: JSON files below up to three directories, later ones over earlier ones, item by
 * item.
 *
 * <p>Entry class: {@link rkt.pod.config.ConfigLoader}; the result is {@link rkt.pod.config.Config}.
 * Kinds: {@code auth}, {@code dockerAuth}, {@code registries}, {@code paths}, {@code stage1},
 * {@code runtime}.
 *
 * <p>Invariants: loading is strict (a file that says nothing known is an error that names it), and
 * secrets leave the records only for whoever asks for them by name, never through {@code toString}.
 *
 * <p>Must not know: pods, images, the network.
 */
package rkt.pod.config;
