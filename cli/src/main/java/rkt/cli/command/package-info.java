/**
 * The sub-commands, one class each: its flag table, its texts, and the few lines that call the
 * engine and render what came back.
 *
 * <p>Entry class: {@link rkt.cli.command.Commands}, which knows every command's path and one-line
 * summary without loading its class. A command's table is built only when that command was chosen
 * or its help is wanted.
 *
 * <p>Invariants: texts, columns and exit codes are those users' scripts match on; anything a
 * command prints goes through {@link rkt.cli.Console}.
 *
 * <p>Must not know: how pods and images are kept, or how an app is isolated.
 */
package rkt.cli.command;
