package rkt.cli.command;

import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.schema.EngineException;

/** One sub-command. */
public abstract class Command {
  private final String path;
  private final String arguments;

  /**
   * @param path the words that call it, {@code image list}
   * @param arguments what follows them in the usage line; may be empty
   */
  protected Command(String path, String arguments) {
    this.path = path;
    this.arguments = arguments;
  }

  public final String path() {
    return path;
  }

  /** The last word of the path, which prefixes what the command says on standard error. */
  public final String leaf() {
    return path.substring(path.lastIndexOf(' ') + 1);
  }

  public final String useLine() {
    return arguments.isEmpty() ? "rkt " + path : "rkt " + path + " " + arguments;
  }

  /** A paragraph or more for help and the man page; may be empty. */
  public String description() {
    return "";
  }

  /** Adds the command's own flags. */
  public void flags(FlagSet flags) {}

  /** Whether the command refuses to work for anybody but root. */
  public boolean needsRoot() {
    return false;
  }

  /** Whether flags may follow positional arguments. */
  public boolean interspersed() {
    return true;
  }

  /** Whether the arguments follow the image-argument grammar. */
  public boolean takesImages() {
    return false;
  }

  /** Prepares for per-app flags and parses those before the first image. */
  public List<String> leadingFlags(FlagSet flags, List<String> args) throws UsageException {
    return ImageArguments.leadingFlags(flags, args);
  }

  /**
   * What custom completion offers for positional arguments: a function of the completion script.
   */
  public String completion() {
    return "";
  }

  /** Does the work. @return the exit status */
  public abstract int run(Invocation invocation)
      throws CommandFailure, EngineException, UsageException;
}
