package rkt.schema.json;

/**
 * A JSON value and the place where it starts. Equality looks at the content only, never at the
 * place. Line and column count from 1; columns count UTF-16 units.
 */
public sealed interface JsonValue
    permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBool, JsonNull {
  /** Line of the first character; 0 for a value that was not read from a text. */
  int line();

  /** Column of the first character; 0 for a value that was not read from a text. */
  int column();

  /** Kind of the value with its article, for messages: {@code "a number"}. */
  String kind();

  /** This value as compact JSON. */
  default String toJson() {
    return JsonWriter.compact().value(this).toString();
  }
}
