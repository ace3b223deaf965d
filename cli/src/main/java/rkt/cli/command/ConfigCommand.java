package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.EngineException;

/** {@code rkt config}. Secrets are masked unless asked for: the output ends up in bug reports. */
final class ConfigCommand extends Command {
  ConfigCommand() {
    super("config", "");
  }

  @Override
  public String description() {
    return "Prints the configuration merged from the system, local and user directories.\n"
        + "Passwords and tokens are masked unless --show-secrets is given.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.boolOn("pretty-print", "apply indent to format the output"))
        .add(Flag.bool("show-secrets", "print passwords, tokens and keys in clear"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    invocation.noArguments();
    FlagSet flags = invocation.flags();
    try {
      invocation.json(
          invocation.engine().config().toJson(flags.on("pretty-print"), flags.on("show-secrets")));
    } catch (EngineException e) {
      throw CommandFailure.of("cannot get configuration", e);
    }
    return 0;
  }
}
