package rkt.cli;

import java.util.List;
import rkt.cli.command.Command;
import rkt.cli.command.Commands;
import rkt.cli.command.Invocation;
import rkt.cli.doc.HelpPage;
import rkt.cli.grammar.CommandLine;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;

/** Finds the command of a command line, runs it, and turns every outcome into an exit status. */
final class Program {
  private final Console console;
  private final boolean training;

  Program(Console console, boolean training) {
    this.console = console;
    this.training = training;
  }

  int run(List<String> args) {
    FlagSet flags = GlobalFlags.table();
    CommandLine line;
    try {
      line = CommandLine.find(Commands.PATHS, flags, args);
    } catch (UsageException e) {
      return misused("", e);
    }
    if (CommandLine.isGroup(Commands.PATHS, line.path())) {
      return group(line, flags);
    }
    Command command = Commands.create(line.path());
    command.flags(flags);
    return run(command, flags, line.rest());
  }

  private int run(Command command, FlagSet flags, List<String> args) {
    List<String> positional;
    try {
      positional =
          command.takesImages()
              ? command.leadingFlags(flags, args)
              : flags.parse(args, command.interspersed());
    } catch (UsageException e) {
      // "-h" wins over whatever else is wrong, as long as it was read before.
      return flags.helpWanted() ? help(command, flags) : misused(command.path(), e);
    }
    if (flags.helpWanted()) {
      return help(command, flags);
    }
    console.begin(command.leaf(), flags);
    if (command.needsRoot() && Kernel.linux().geteuid() != 0) {
      console.note("cannot run as unprivileged user");
      return ExitCodes.FAILURE;
    }
    return invoke(command, new Invocation(flags, positional, console, training));
  }

  private int invoke(Command command, Invocation invocation) {
    boolean debug = console.debugging();
    String leaf = command.leaf();
    try {
      return command.run(invocation);
    } catch (CommandFailure failure) {
      String text = ErrorText.of(leaf, failure.message(), failure.getCause(), debug);
      if (!text.isEmpty()) {
        console.note(text);
      }
      if (failure.showUsage()) {
        help(command, invocation.flags());
      }
      return failure.exitCode();
    } catch (UsageException | SchemaException e) {
      console.note(String.valueOf(e.getMessage()));
      return ExitCodes.FAILURE;
    } catch (EngineException e) {
      console.note(ErrorText.of(leaf, "", e, debug));
      return ExitCodes.FAILURE;
    } catch (RuntimeException | Error e) {
      return internalError(e, debug);
    }
  }

  /** A defect of rkt's own, or an exhausted machine. Users get one line, developers the trace. */
  private int internalError(Throwable defect, boolean debug) {
    if (defect instanceof OutOfMemoryError) {
      console.note("out of memory: " + defect.getMessage());
      return ExitCodes.FAILURE;
    }
    console.note(
        "internal error: " + defect + " (this is a defect of rkt; see the trace with --debug)");
    if (debug) {
      console.bare(StackTrace.of(defect));
    }
    return ExitCodes.FAILURE;
  }

  private int help(Command command, FlagSet flags) {
    console.write(HelpPage.of(command, flags));
    return ExitCodes.OK;
  }

  /** A command that is only a name for those below it: {@code rkt} itself and {@code rkt image}. */
  private int group(CommandLine line, FlagSet flags) {
    List<String> rest;
    try {
      rest = flags.parse(line.rest(), true);
    } catch (UsageException e) {
      return flags.helpWanted() ? groupHelp(line.path(), flags) : misused(line.path(), e);
    }
    if (!rest.isEmpty()) {
      return misused(
          line.path(),
          new UsageException("unknown command " + Values.quote(rest.get(0)) + " for \"rkt\""));
    }
    if (line.path().isEmpty() && !flags.helpWanted()) {
      console.bare("missing command");
      groupHelp("", flags);
      return ExitCodes.MISSING_COMMAND;
    }
    return groupHelp(line.path(), flags);
  }

  private int groupHelp(String path, FlagSet flags) {
    console.write(HelpPage.ofGroup(path, flags));
    return ExitCodes.OK;
  }

  private int misused(String path, UsageException e) {
    console.bare("Error: " + e.getMessage());
    console.bare("Run 'rkt " + (path.isEmpty() ? "" : path + " ") + "--help' for usage.");
    return ExitCodes.FAILURE;
  }
}
