/**
 * The argument grammar of the command line: flags with the semantics of Go's pflag, sub-commands by
 * unambiguous prefix, and the image-argument loop {@code IMG flags -- args --- IMG}.
 *
 * <p>Entry classes: {@link rkt.cli.grammar.FlagSet} (the table of one command and the values it was
 * given), {@link rkt.cli.grammar.CommandLine} (which command was meant) and {@link
 * rkt.cli.grammar.ImageArguments}.
 *
 * <p>Invariants: a flag outside the table never passes silently; every refusal is a {@link
 * rkt.cli.grammar.UsageException} naming the flag or word. Nothing here prints, reads a file or
 * knows a particular command. This package is on the start-up path of every command: plain loops,
 * no regex, no streams.
 */
package rkt.cli.grammar;
