package rkt.cli;

/** The documented exit statuses that rkt itself produces; a running pod brings its own. */
public final class ExitCodes {
  public static final int OK = 0;

  /** A file with a pod's UUID could not be read. */
  public static final int UUID_FILE = 1;

  /** No command was named. */
  public static final int MISSING_COMMAND = 2;

  /** Every other failure. */
  public static final int FAILURE = 254;

  private ExitCodes() {}
}
