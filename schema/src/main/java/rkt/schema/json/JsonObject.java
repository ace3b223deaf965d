package rkt.schema.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * A JSON object in the order of the text. Accessors come in two kinds: the plain ones demand the
 * field, those that begin with {@code opt} and those that return collections take a missing field
 * or {@code null} as absent. A wrong type always fails, with the path, line and column of the
 * field.
 */
public final class JsonObject implements JsonValue {
  private final Map<String, JsonValue> members;
  private final JsonPath path;
  private final int line;
  private final int column;

  JsonObject(Map<String, JsonValue> members, JsonPath path, int line, int column) {
    this.members = members;
    this.path = path;
    this.line = line;
    this.column = column;
  }

  /** All members in the order of the text. */
  public Map<String, JsonValue> members() {
    return Collections.unmodifiableMap(members);
  }

  /**
   * The value of a field: exact name first, then ignoring case (the ancestor's rule). Two members
   * that both fit are refused: which one counts would depend on the reader.
   */
  public Optional<JsonValue> get(String name) {
    return Optional.ofNullable(find(name));
  }

  /** Whether the field is there and not {@code null}. */
  public boolean has(String name) {
    return present(name) != null;
  }

  public String string(String name) {
    return stringOf(name, required(name));
  }

  public Optional<String> optString(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(stringOf(name, value));
  }

  /** The string, or {@code absent} when the field is missing or {@code null}. */
  public String string(String name, String absent) {
    JsonValue value = present(name);
    return value == null ? absent : stringOf(name, value);
  }

  public JsonObject object(String name) {
    return objectOf(name, required(name));
  }

  public Optional<JsonObject> optObject(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(objectOf(name, value));
  }

  public JsonArray array(String name) {
    return arrayOf(name, required(name));
  }

  public Optional<JsonArray> optArray(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(arrayOf(name, value));
  }

  public boolean bool(String name) {
    return boolOf(name, required(name));
  }

  public Optional<Boolean> optBool(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(boolOf(name, value));
  }

  /** The boolean, or {@code absent} when the field is missing or {@code null}. */
  public boolean bool(String name, boolean absent) {
    JsonValue value = present(name);
    return value == null ? absent : boolOf(name, value);
  }

  public long integer(String name) {
    return longOf(name, required(name));
  }

  public Optional<Long> optInteger(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(longOf(name, value));
  }

  /** The integer, or {@code absent} when the field is missing or {@code null}. */
  public long integer(String name, long absent) {
    JsonValue value = present(name);
    return value == null ? absent : longOf(name, value);
  }

  /** An integer that fits 32 bits. */
  public int int32(String name) {
    return intOf(name, required(name));
  }

  public Optional<Integer> optInt32(String name) {
    JsonValue value = present(name);
    return value == null ? Optional.empty() : Optional.of(intOf(name, value));
  }

  /** An integer that fits 32 bits, or {@code absent} when the field is missing or {@code null}. */
  public int int32(String name, int absent) {
    JsonValue value = present(name);
    return value == null ? absent : intOf(name, value);
  }

  /** An array of strings; empty when absent. */
  public List<String> strings(String name) {
    JsonValue value = present(name);
    return value == null ? List.of() : arrayOf(name, value).strings();
  }

  /** An array of objects; empty when absent. */
  public List<JsonObject> objects(String name) {
    JsonValue value = present(name);
    return value == null ? List.of() : arrayOf(name, value).objects();
  }

  /** An array of integers that fit 32 bits; empty when absent. */
  public List<Integer> ints(String name) {
    JsonValue value = present(name);
    return value == null ? List.of() : arrayOf(name, value).ints();
  }

  /** An object whose values are all strings; empty when absent. */
  public Map<String, String> stringMap(String name) {
    JsonValue value = present(name);
    return value == null ? Map.of() : objectOf(name, value).asStringMap();
  }

  /** This object as a map of strings, in the order of the text; any other value fails. */
  public Map<String, String> asStringMap() {
    Map<String, String> out = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> member : members.entrySet()) {
      out.put(member.getKey(), stringOf(member.getKey(), member.getValue()));
    }
    return Collections.unmodifiableMap(out);
  }

  /** An error about a field of this object: {@code path.name: message (line, column)}. */
  public SchemaException fail(String name, String message) {
    JsonValue value = find(name);
    JsonValue place = value == null ? this : value;
    return SchemaException.at(
        path.child(name).text() + ": " + message, place.line(), place.column());
  }

  /** The given error of a value built from this object, with this object's path and place. */
  public SchemaException locate(SchemaException error) {
    return error.locate(path.text(), line, column);
  }

  /** The given error of a value built from one field, with the field's path and place. */
  public SchemaException locate(String name, SchemaException error) {
    JsonValue value = find(name);
    JsonValue place = value == null ? this : value;
    return error.locate(path.child(name).text(), place.line(), place.column());
  }

  static int toInt(JsonNumber number, JsonPath path) {
    long value;
    try {
      value = number.longValue();
    } catch (SchemaException e) {
      throw e.locate(path.text(), number.line(), number.column());
    }
    if (value != (int) value) {
      throw SchemaException.at(
          path.text() + ": must be a 32-bit integer", number.line(), number.column());
    }
    return (int) value;
  }

  private @Nullable JsonValue find(String name) {
    JsonValue found = members.get(name);
    String foundName = found == null ? "" : name;
    for (Map.Entry<String, JsonValue> member : members.entrySet()) {
      String key = member.getKey();
      if (key.length() == name.length() && key.equalsIgnoreCase(name) && !key.equals(foundName)) {
        if (found != null) {
          throw SchemaException.at(
              path.text()
                  + (path.text().isEmpty() ? "" : ": ")
                  + "fields "
                  + Texts.quote(foundName)
                  + " and "
                  + Texts.quote(key)
                  + " differ only in case",
              member.getValue().line(),
              member.getValue().column());
        }
        found = member.getValue();
        foundName = key;
      }
    }
    return found;
  }

  private @Nullable JsonValue present(String name) {
    JsonValue value = find(name);
    return value instanceof JsonNull ? null : value;
  }

  private JsonValue required(String name) {
    JsonValue value = present(name);
    if (value == null) {
      String where = path.text();
      throw SchemaException.at(
          (where.isEmpty() ? "" : where + ": ") + name + " must be set", line, column);
    }
    return value;
  }

  private String stringOf(String name, JsonValue value) {
    if (value instanceof JsonString string) {
      return string.value();
    }
    throw wrongType(name, value, "a string");
  }

  private JsonObject objectOf(String name, JsonValue value) {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw wrongType(name, value, "an object");
  }

  private JsonArray arrayOf(String name, JsonValue value) {
    if (value instanceof JsonArray array) {
      return array;
    }
    throw wrongType(name, value, "an array");
  }

  private boolean boolOf(String name, JsonValue value) {
    if (value instanceof JsonBool bool) {
      return bool.value();
    }
    throw wrongType(name, value, "a boolean");
  }

  private long longOf(String name, JsonValue value) {
    if (!(value instanceof JsonNumber number)) {
      throw wrongType(name, value, "an integer");
    }
    try {
      return number.longValue();
    } catch (SchemaException e) {
      throw e.locate(path.child(name).text(), number.line(), number.column());
    }
  }

  private int intOf(String name, JsonValue value) {
    if (value instanceof JsonNumber number) {
      return toInt(number, path.child(name));
    }
    throw wrongType(name, value, "an integer");
  }

  private SchemaException wrongType(String name, JsonValue value, String wanted) {
    return SchemaException.at(
        path.child(name).text() + " must be " + wanted + ", not " + value.kind(),
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
    return "an object";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonObject that && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
