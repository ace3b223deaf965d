package rkt.schema;

import org.jspecify.annotations.Nullable;

/**
 * A document or value breaks its rules; the message is the text users see. When it comes from
 * reading JSON the message ends with {@code " (line L, column C)"}.
 */
public final class SchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean located;

  /** A broken rule, not tied to a place in a document. */
  public SchemaException(String message) {
    this(message, null);
  }

  /** A broken rule found while doing something that failed with {@code cause}. */
  public SchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.located = false;
  }

  private SchemaException(String message, @Nullable Throwable cause, boolean located) {
    super(message, cause);
    this.located = located;
  }

  /** A broken rule at a place in a document; line and column count from 1. */
  public static SchemaException at(String message, int line, int column) {
    return new SchemaException(place(message, line, column), null, true);
  }

  /**
   * This error with the place where it was found: {@code prefix: message (line L, column C)}. An
   * error that already names a place is returned as it is, so that the innermost place wins.
   */
  public SchemaException locate(String prefix, int line, int column) {
    if (located) {
      return this;
    }
    String text = prefix.isEmpty() ? text() : prefix + ": " + text();
    return new SchemaException(place(text, line, column), this, true);
  }

  private String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  private static String place(String message, int line, int column) {
    return message + " (line " + line + ", column " + column + ")";
  }
}
