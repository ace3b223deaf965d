package rkt.schema.json;

import org.jspecify.annotations.Nullable;

/** {@code true} or {@code false}. */
public record JsonBool(boolean value, int line, int column) implements JsonValue {
  @Override
  public String kind() {
    return "a boolean";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonBool that && value == that.value;
  }

  @Override
  public int hashCode() {
    return Boolean.hashCode(value);
  }

  @Override
  public String toString() {
    return toJson();
  }
}
