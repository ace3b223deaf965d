/**
 * How transfers look while they go on: live lines on a terminal, plain lines elsewhere, JSON for
 * programs.
 *
 * <p>Entry class: {@link rkt.cli.progress.Progress}. Transfers count bytes from any thread and are
 * drawn by one thread of this package, which lives as long as something is transferred.
 *
 * <p>Invariants: counting costs a transfer one addition; what is drawn never wraps, never is taller
 * than the screen, and never damages a message; nothing here is loaded before something is
 * transferred.
 *
 * <p>Must not know: what an image is, or where its bytes come from.
 */
package rkt.cli.progress;
