package rkt.cli.progress;

import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** The values of {@code --progress}. */
public enum ProgressMode {
  /** Live lines on a terminal that can show them, else as {@link #PLAIN}. */
  AUTO("auto"),
  /** A line when a transfer begins and when it ends, and now and then between. */
  PLAIN("plain"),
  /** Every line on standard error is a JSON object. */
  JSON("json"),
  NONE("none");

  private final String word;

  ProgressMode(String word) {
    this.word = word;
  }

  public static ProgressMode parse(String word) throws EngineException {
    for (ProgressMode mode : values()) {
      if (mode.word.equals(word)) {
        return mode;
      }
    }
    throw EngineException.of(
        ErrorCode.USAGE,
        "parse --progress",
        "unknown kind of progress display \"" + word + "\"",
        "use auto, plain, json or none");
  }
}
