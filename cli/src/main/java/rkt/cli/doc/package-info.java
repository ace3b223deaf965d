/**
 * Help pages, man pages and shell completion, all made from the same command tables the parser
 * uses, so that none of them can promise a flag that does not exist.
 *
 * <p>Entry classes: {@link rkt.cli.doc.HelpPage}, {@link rkt.cli.doc.ManPages} (a program of its
 * own for the build) and {@link rkt.cli.doc.BashCompletion}.
 *
 * <p>Must not know: what a command does.
 */
package rkt.cli.doc;
