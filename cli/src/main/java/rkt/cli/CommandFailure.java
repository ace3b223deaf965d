package rkt.cli;

import org.jspecify.annotations.Nullable;

/**
 * A command ends without success, and this is what it has to say.
 *
 * <p>{@code message} is the command's own sentence and may be empty when the cause says enough;
 * then also the cause may be missing: the command has printed everything already.
 */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final boolean showUsage;

  private CommandFailure(
      String message, @Nullable Throwable cause, int exitCode, boolean showUsage) {
    super(message, cause);
    this.exitCode = exitCode;
    this.showUsage = showUsage;
  }

  public static CommandFailure of(String message) {
    return new CommandFailure(message, null, ExitCodes.FAILURE, false);
  }

  public static CommandFailure of(String message, Throwable cause) {
    return new CommandFailure(message, cause, ExitCodes.FAILURE, false);
  }

  public static CommandFailure of(String message, Throwable cause, int exitCode) {
    return new CommandFailure(message, cause, exitCode, false);
  }

  /** Everything has been printed. */
  public static CommandFailure silent(int exitCode) {
    return new CommandFailure("", null, exitCode, false);
  }

  /** Nothing went wrong: help was asked for in the middle of the arguments. */
  public static CommandFailure help() {
    return new CommandFailure("", null, ExitCodes.OK, true);
  }

  /** The arguments make no sense: the message, then the command's help. */
  public static CommandFailure usage(String message) {
    return new CommandFailure(message, null, ExitCodes.FAILURE, true);
  }

  public String message() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  public int exitCode() {
    return exitCode;
  }

  boolean showUsage() {
    return showUsage;
  }
}
