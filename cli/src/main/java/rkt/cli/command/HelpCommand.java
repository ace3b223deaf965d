package rkt.cli.command;

import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.GlobalFlags;
import rkt.cli.doc.HelpPage;
import rkt.cli.grammar.CommandLine;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.schema.EngineException;

/** {@code rkt help [COMMAND]}. */
final class HelpCommand extends Command {
  HelpCommand() {
    super("help", "[command]");
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException, UsageException {
    FlagSet flags = GlobalFlags.table();
    List<String> words = invocation.args();
    CommandLine line = CommandLine.find(Commands.PATHS, flags, words);
    if (!line.rest().isEmpty()) {
      throw CommandFailure.of("unknown help topic \"" + String.join(" ", words) + "\"");
    }
    String path = line.path();
    if (CommandLine.isGroup(Commands.PATHS, path)) {
      invocation.console().write(HelpPage.ofGroup(path, flags));
      return 0;
    }
    Command command = Commands.create(path);
    if (command instanceof LaterCommand) {
      return command.run(invocation);
    }
    command.flags(flags);
    invocation.console().write(HelpPage.of(command, flags));
    return 0;
  }
}
