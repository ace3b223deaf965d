package rkt.schema.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;

/**
 * A JSON array. Accessors that find the wrong type fail with the path, line and column of the
 * element.
 */
public final class JsonArray implements JsonValue {
  private final List<JsonValue> values;
  private final JsonPath path;
  private final int line;
  private final int column;

  JsonArray(List<JsonValue> values, JsonPath path, int line, int column) {
    this.values = Collections.unmodifiableList(values);
    this.path = path;
    this.line = line;
    this.column = column;
  }

  public List<JsonValue> values() {
    return values;
  }

  public int size() {
    return values.size();
  }

  /** All elements, which must be strings. */
  public List<String> strings() {
    List<String> out = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof JsonString string) {
        out.add(string.value());
      } else {
        throw wrongType(i, "a string");
      }
    }
    return Collections.unmodifiableList(out);
  }

  /** All elements, which must be objects. */
  public List<JsonObject> objects() {
    List<JsonObject> out = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof JsonObject object) {
        out.add(object);
      } else {
        throw wrongType(i, "an object");
      }
    }
    return Collections.unmodifiableList(out);
  }

  /** All elements, which must be integers that fit 32 bits. */
  public List<Integer> ints() {
    List<Integer> out = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      if (!(values.get(i) instanceof JsonNumber number)) {
        throw wrongType(i, "an integer");
      }
      out.add(JsonObject.toInt(number, path.child(i)));
    }
    return Collections.unmodifiableList(out);
  }

  /** An error about the element at {@code index}, located. */
  public SchemaException fail(int index, String message) {
    JsonValue value = values.get(index);
    return SchemaException.at(
        path.child(index).text() + ": " + message, value.line(), value.column());
  }

  private SchemaException wrongType(int index, String wanted) {
    JsonValue value = values.get(index);
    return SchemaException.at(
        path.child(index).text() + " must be " + wanted + ", not " + value.kind(),
        value.line(),
        value.column());
  }

  @Override
  public int line() {
    return line;
  }

  @Override
  public int column() {
    return column;
  }

  @Override
  public String kind() {
    return "an array";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonArray that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
