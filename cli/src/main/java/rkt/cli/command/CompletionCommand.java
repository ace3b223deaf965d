package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.doc.BashCompletion;

/** {@code rkt completion bash}. */
final class CompletionCommand extends Command {
  CompletionCommand() {
    super("completion", "SHELL");
  }

  @Override
  public String description() {
    return """
    Writes a completion script to standard output. The only SHELL is bash:

        . <(rkt completion bash)\
    """;
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure {
    if (invocation.args().isEmpty()) {
      throw CommandFailure.of("shell type is not specified");
    }
    if (invocation.args().size() > 1) {
      throw CommandFailure.of("too many arguments, only shell type is expected");
    }
    String shell = invocation.args().get(0);
    if (!shell.equals("bash")) {
      throw CommandFailure.of("'" + shell + "' shell is not supported");
    }
    invocation.console().write(BashCompletion.script());
    return 0;
  }
}
