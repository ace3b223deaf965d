package rkt.schema;

import org.jspecify.annotations.Nullable;

/**
 * The engine's one checked exception: what was attempted, why it failed, what to do. Failures of
 * cleaning up are added as suppressed exceptions and never become the headline.
 */
public final class EngineException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String attempted;
  private final String why;
  private final String remedy;

  /**
   * @param attempted what was being done, in the words of the user ({@code "run docker://debian"})
   * @param why the reason, naming the object
   * @param remedy what the user can do about it; may be empty
   */
  public EngineException(
      ErrorCode code, String attempted, String why, String remedy, @Nullable Throwable cause) {
    super(message(attempted, why, remedy), cause);
    this.code = code;
    this.attempted = attempted;
    this.why = why;
    this.remedy = remedy;
  }

  /** A failure without cause and remedy. */
  public static EngineException of(ErrorCode code, String attempted, String why) {
    return new EngineException(code, attempted, why, "", null);
  }

  /** A failure without cause. */
  public static EngineException of(ErrorCode code, String attempted, String why, String remedy) {
    return new EngineException(code, attempted, why, remedy, null);
  }

  /** A broken document or value met while attempting something. */
  public static EngineException of(String attempted, SchemaException cause) {
    String why = cause.getMessage();
    return new EngineException(ErrorCode.INVALID, attempted, why == null ? "" : why, "", cause);
  }

  public ErrorCode code() {
    return code;
  }

  public String attempted() {
    return attempted;
  }

  public String why() {
    return why;
  }

  /** What to do about it; empty when nothing helps. */
  public String remedy() {
    return remedy;
  }

  private static String message(String attempted, String why, String remedy) {
    StringBuilder text = new StringBuilder(attempted.length() + why.length() + 64);
    text.append(attempted);
    if (!attempted.isEmpty()) {
      text.append(": ");
    }
    text.append(why);
    if (!remedy.isEmpty()) {
      text.append(" (").append(remedy).append(')');
    }
    return text.toString();
  }
}
