package rkt.schema.json;

import org.jspecify.annotations.Nullable;

/** {@code null}. As the value of a field it counts as absent, as in the ancestor. */
public record JsonNull(int line, int column) implements JsonValue {
  @Override
  public String kind() {
    return "null";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonNull;
  }

  @Override
  public int hashCode() {
    return 1;
  }

  @Override
  public String toString() {
    return "null";
  }
}
