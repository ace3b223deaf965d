/**
 * How values look: tables, times, sizes.
 *
 * <p>Entry classes: {@link rkt.cli.render.Table}, {@link rkt.cli.render.Times}, {@link
 * rkt.cli.render.Sizes}.
 *
 * <p>Invariants: output is byte for byte what scripts written for the ancestor split and compare
 * (Go's tabwriter, Go's time layouts). {@code java.time} and {@code java.text} stay unloaded: their
 * locale and zone data cost more than a whole {@code rkt list}.
 *
 * <p>Must not know: pods, images, flags.
 */
package rkt.cli.render;
