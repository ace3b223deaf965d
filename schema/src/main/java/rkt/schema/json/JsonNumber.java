package rkt.schema.json;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;

/** A JSON number, kept as it was written: no precision is lost until a caller asks for a type. */
public record JsonNumber(String text, int line, int column) implements JsonValue {
  private static final int LONGEST_LONG = 20;

  /** A number that was not read from a text. */
  public static JsonNumber of(long value) {
    return new JsonNumber(Long.toString(value), 0, 0);
  }

  /**
   * The number as an integer. Like the ancestor's decoder it takes neither fraction nor exponent.
   *
   * @throws SchemaException (without a place) if it is not an integer or exceeds 64 bits
   */
  public long longValue() {
    if (text.length() > LONGEST_LONG || !isInteger()) {
      throw new SchemaException("must be a 64-bit integer");
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new SchemaException("must be a 64-bit integer", e);
    }
  }

  private boolean isInteger() {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.' || c == 'e' || c == 'E') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String kind() {
    return "a number";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonNumber that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
