/**
 * The program: from {@code argv} to an exit status.
 *
 * <p>Entry class: {@link rkt.cli.Main}. {@link rkt.cli.Program} finds the command, parses its
 * flags, runs it and turns whatever went wrong into the documented text and exit code; {@link
 * rkt.cli.Console} is the only thing that writes to standard output and standard error.
 *
 * <p>Invariants: standard output is buffered once and flushed once, a broken pipe on it is quiet,
 * no Java stack trace reaches a user unless an internal error happens under {@code --debug}. A
 * command loads its own table and nothing of its neighbours.
 *
 * <p>Must not know: how any command does its work.
 */
package rkt.cli;
