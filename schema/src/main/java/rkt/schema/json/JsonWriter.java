package rkt.schema.json;

import java.util.Map;

/**
 * Writes JSON as the ancestor's encoder did, without its HTML escaping: compact, or indented by
 * tabs. The caller opens and closes; the writer places commas, colons and white space. Misuse (a
 * name outside an object, an unclosed bracket) is a programming error and fails at once.
 */
public final class JsonWriter {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out = new StringBuilder(256);
  private final boolean pretty;
  // One bit per open bracket, innermost lowest: 1 for an object. Documents nest less than 64 deep.
  private long objects;
  private int depth;
  private boolean first = true;
  private boolean named;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  /** Without any white space. */
  public static JsonWriter compact() {
    return new JsonWriter(false);
  }

  /** One field or element per line, indented by one tab per level. */
  public static JsonWriter pretty() {
    return new JsonWriter(true);
  }

  public JsonWriter beginObject() {
    return begin('{', 1);
  }

  public JsonWriter endObject() {
    return end('}', 1);
  }

  public JsonWriter beginArray() {
    return begin('[', 0);
  }

  public JsonWriter endArray() {
    return end(']', 0);
  }

  /** The name of the next value; only inside an object. */
  public JsonWriter name(String name) {
    if (depth == 0 || (objects & 1) == 0 || named) {
      throw new IllegalStateException("JSON: a name out of place: " + name);
    }
    separate();
    string(name);
    out.append(pretty ? ": " : ":");
    named = true;
    return this;
  }

  public JsonWriter value(String value) {
    before();
    string(value);
    return this;
  }

  public JsonWriter value(long value) {
    before();
    out.append(value);
    return this;
  }

  public JsonWriter value(boolean value) {
    before();
    out.append(value);
    return this;
  }

  public JsonWriter nullValue() {
    before();
    out.append("null");
    return this;
  }

  /** A text that already is JSON, taken as it is. */
  public JsonWriter raw(String json) {
    before();
    out.append(json);
    return this;
  }

  /** Any value, laid out like the rest. */
  @SuppressWarnings("IfChainToSwitch") // a switch over types links through invokedynamic at start
  public JsonWriter value(JsonValue value) {
    if (value instanceof JsonString string) {
      return value(string.value());
    } else if (value instanceof JsonNumber number) {
      return raw(number.text());
    } else if (value instanceof JsonBool bool) {
      return value(bool.value());
    } else if (value instanceof JsonArray array) {
      beginArray();
      for (JsonValue element : array.values()) {
        value(element);
      }
      return endArray();
    } else if (value instanceof JsonObject object) {
      beginObject();
      for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
        name(member.getKey()).value(member.getValue());
      }
      return endObject();
    }
    return nullValue();
  }

  /** An array of strings. */
  public JsonWriter strings(Iterable<String> values) {
    beginArray();
    for (String value : values) {
      value(value);
    }
    return endArray();
  }

  /** An object of strings, in the map's order. */
  public JsonWriter stringMap(Map<String, String> values) {
    beginObject();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      name(entry.getKey()).value(entry.getValue());
    }
    return endObject();
  }

  /** The text written so far; call it when every bracket is closed. */
  @Override
  public String toString() {
    if (depth != 0) {
      throw new IllegalStateException("JSON: " + depth + " brackets still open");
    }
    return out.toString();
  }

  private JsonWriter begin(char bracket, long object) {
    if (depth == Long.SIZE) {
      throw new IllegalStateException("JSON: nested deeper than " + Long.SIZE + " levels");
    }
    before();
    out.append(bracket);
    objects = objects << 1 | object;
    depth++;
    first = true;
    return this;
  }

  private JsonWriter end(char bracket, long object) {
    if (depth == 0 || (objects & 1) != object || named) {
      throw new IllegalStateException("JSON: '" + bracket + "' out of place");
    }
    // The lowest bit belongs to the bracket being closed; the sign bit may be set at full depth.
    objects >>>= 1;
    depth--;
    if (!first) {
      newLine();
    }
    first = false;
    out.append(bracket);
    return this;
  }

  private void before() {
    if (named) {
      named = false;
      return;
    }
    if (depth == 0 ? !first : (objects & 1) == 1) {
      throw new IllegalStateException("JSON: a value out of place");
    }
    separate();
  }

  private void separate() {
    if (!first) {
      out.append(',');
    }
    first = false;
    if (depth > 0) {
      newLine();
    }
  }

  private void newLine() {
    if (pretty) {
      out.append('\n');
      for (int i = 0; i < depth; i++) {
        out.append('\t');
      }
    }
  }

  private void string(String value) {
    out.append('"');
    int start = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= 0x20 && c != '"' && c != '\\' && c != '\u2028' && c != '\u2029') {
        continue;
      }
      out.append(value, start, i);
      start = i + 1;
      escape(c);
    }
    out.append(value, start, value.length()).append('"');
  }

  private void escape(char c) {
    int simple = "\"\\\b\f\n\r\t".indexOf(c);
    if (simple >= 0) {
      out.append('\\').append("\"\\bfnrt".charAt(simple));
      return;
    }
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xf));
    }
  }
}
