package rkt.pod;

import java.util.Optional;

/** Why an app ended, as its supervisor recorded it. */
public enum ExitCause {
  /** It returned or called exit. */
  EXITED("exited"),
  /** A signal that rkt did not send ended it. */
  SIGNAL("signal"),
  /** The kernel killed it because its memory limit was reached. */
  OOM("oom"),
  /** It was asked to stop and did. */
  STOPPED("stopped"),
  /** It was asked to stop, did not, and was killed. */
  KILLED("killed"),
  /** It never started. */
  FAILED("failed");

  private final String text;

  ExitCause(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /** The cause with this text; empty for a word of a later version. */
  public static Optional<ExitCause> of(String text) {
    for (ExitCause cause : values()) {
      if (cause.text.equals(text)) {
        return Optional.of(cause);
      }
    }
    return Optional.empty();
  }
}
