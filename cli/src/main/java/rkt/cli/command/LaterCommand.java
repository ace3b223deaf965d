package rkt.cli.command;

import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;

/** A command users know from the ancestor that this version does not have: refused by name. */
final class LaterCommand extends Command {
  LaterCommand(String path) {
    super(path, "");
  }

  @Override
  public boolean takesImages() {
    return true;
  }

  /** Whatever its flags would be, the answer is the same. */
  @Override
  public List<String> leadingFlags(FlagSet flags, List<String> args) throws UsageException {
    return args;
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure {
    throw CommandFailure.of(
        "the command \"rkt " + path() + "\" is not supported by this version of rkt yet");
  }
}
