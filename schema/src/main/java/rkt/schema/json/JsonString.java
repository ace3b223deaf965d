package rkt.schema.json;

import org.jspecify.annotations.Nullable;

/** A JSON string, unescaped. */
public record JsonString(String value, int line, int column) implements JsonValue {
  /** A string that was not read from a text. */
  public static JsonString of(String value) {
    return new JsonString(value, 0, 0);
  }

  @Override
  public String kind() {
    return "a string";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonString that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
