package rkt.cli.grammar;

/** The command line does not fit the grammar; the message is the text users see. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
