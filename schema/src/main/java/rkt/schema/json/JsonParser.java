package rkt.schema.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** One pass, recursive descent, at most {@link Json#MAX_DEPTH} frames deep. */
final class JsonParser {
  private final String text;
  // The same characters: before anything is compiled, an array costs a tenth of charAt.
  private final char[] chars;
  private final String what;
  private int at;
  private int line = 1;
  private int lineStart;
  private int depth;

  JsonParser(String text, String what) {
    this.text = text;
    this.chars = text.toCharArray();
    this.what = what;
  }

  JsonValue document() {
    if (!text.isEmpty() && chars[0] == '\ufeff') {
      throw fail("starts with a byte order mark");
    }
    skipSpace();
    if (at == chars.length) {
      throw fail("is empty");
    }
    JsonValue value = value(JsonPath.root(what));
    skipSpace();
    if (at < chars.length) {
      throw fail("unexpected " + here() + " after the end of the document");
    }
    return value;
  }

  /** {@code path} is the place of this value; only containers keep it. */
  private JsonValue value(JsonPath path) {
    int startLine = line;
    int startColumn = column();
    if (at == chars.length) {
      throw fail("unexpected end of the document, expected a value");
    }
    char c = chars[at];
    return switch (c) {
      case '{' -> object(path, startLine, startColumn);
      case '[' -> array(path, startLine, startColumn);
      case '"' -> new JsonString(string(), startLine, startColumn);
      case 't' -> {
        literal("true");
        yield new JsonBool(true, startLine, startColumn);
      }
      case 'f' -> {
        literal("false");
        yield new JsonBool(false, startLine, startColumn);
      }
      case 'n' -> {
        literal("null");
        yield new JsonNull(startLine, startColumn);
      }
      default -> {
        if (c != '-' && !Texts.isDigit(c)) {
          throw fail("unexpected " + here() + ", expected a value");
        }
        yield new JsonNumber(number(), startLine, startColumn);
      }
    };
  }

  private JsonObject object(JsonPath path, int startLine, int startColumn) {
    enter();
    LinkedHashMap<String, JsonValue> members = new LinkedHashMap<>();
    skipSpace();
    if (peek() == '}') {
      at++;
    } else {
      boolean more = true;
      while (more) {
        member(path, members);
        more = separator('}', "or '}' in an object");
      }
    }
    depth--;
    return new JsonObject(members, path, startLine, startColumn);
  }

  private void member(JsonPath path, Map<String, JsonValue> members) {
    if (peek() != '"') {
      throw fail("unexpected " + here() + ", expected a field name in double quotes");
    }
    int keyAt = at;
    String key = string();
    if (members.containsKey(key)) {
      at = keyAt;
      throw fail("duplicate key " + Texts.quote(key));
    }
    skipSpace();
    if (peek() != ':') {
      throw fail("unexpected " + here() + ", expected ':' after a field name");
    }
    at++;
    skipSpace();
    char first = peek();
    members.put(key, value(first == '{' || first == '[' ? path.child(key) : path));
  }

  private JsonArray array(JsonPath path, int startLine, int startColumn) {
    enter();
    List<JsonValue> values = new ArrayList<>();
    skipSpace();
    if (peek() == ']') {
      at++;
    } else {
      boolean more = true;
      while (more) {
        char first = peek();
        values.add(value(first == '{' || first == '[' ? path.child(values.size()) : path));
        more = separator(']', "or ']' in an array");
      }
    }
    depth--;
    return new JsonArray(values, path, startLine, startColumn);
  }

  /** After an element: a comma and then another element (true), or the closing bracket (false). */
  private boolean separator(char close, String expected) {
    skipSpace();
    char c = peek();
    if (c == close) {
      at++;
      return false;
    }
    if (c != ',') {
      throw fail("unexpected " + here() + ", expected ',' " + expected);
    }
    at++;
    skipSpace();
    if (peek() == close) {
      throw fail("unexpected " + here() + " after ','");
    }
    return true;
  }

  private void enter() {
    if (depth == Json.MAX_DEPTH) {
      throw fail("nested deeper than " + Json.MAX_DEPTH + " levels");
    }
    depth++;
    at++;
  }

  private void literal(String word) {
    if (!text.startsWith(word, at)) {
      throw fail("unexpected " + here() + ", expected a value");
    }
    at += word.length();
  }

  private String number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
      if (Texts.isDigit(peek())) {
        throw fail("a number must not start with 0");
      }
    } else {
      digits();
    }
    if (peek() == '.') {
      at++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    return text.substring(start, at);
  }

  private void digits() {
    if (!Texts.isDigit(peek())) {
      throw fail("unexpected " + here() + ", expected a digit");
    }
    while (Texts.isDigit(peek())) {
      at++;
    }
  }

  private String string() {
    int start = ++at;
    while (at < chars.length) {
      char c = chars[at];
      if (c == '"') {
        return text.substring(start, at++);
      }
      if (c == '\\' || c < 0x20 || Character.isSurrogate(c)) {
        return longString(start);
      }
      at++;
    }
    throw fail("unexpected end of the document in a string");
  }

  /** The rest of a string that holds escapes or characters beyond the basic plane. */
  private String longString(int start) {
    StringBuilder out = new StringBuilder(at - start + 32).append(text, start, at);
    while (at < chars.length) {
      char c = chars[at];
      if (c == '"') {
        at++;
        return out.toString();
      }
      if (c < 0x20) {
        throw fail("control character in a string");
      }
      if (c == '\\') {
        escape(out);
      } else if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && at + 1 < chars.length
                && Character.isLowSurrogate(chars[at + 1]);
        if (!pair) {
          throw fail("half of a surrogate pair in a string");
        }
        out.append(c).append(chars[at + 1]);
        at += 2;
      } else {
        out.append(c);
        at++;
      }
    }
    throw fail("unexpected end of the document in a string");
  }

  private void escape(StringBuilder out) {
    char c = at + 1 < chars.length ? chars[at + 1] : '\0';
    int simple = "\"\\/bfnrt".indexOf(c);
    if (simple >= 0) {
      out.append("\"\\/\b\f\n\r\t".charAt(simple));
      at += 2;
      return;
    }
    if (c != 'u') {
      throw fail("unknown escape in a string");
    }
    int start = at;
    char unit = hex4();
    if (Character.isHighSurrogate(unit) && text.startsWith("\\u", at)) {
      char low = hex4();
      if (Character.isLowSurrogate(low)) {
        out.append(unit).append(low);
        return;
      }
    }
    if (Character.isSurrogate(unit)) {
      // Cannot be written as UTF-8; readers differ on what to put in its place.
      at = start;
      throw fail("half of a surrogate pair in a string");
    }
    out.append(unit);
  }

  private char hex4() {
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      char c = i < chars.length ? chars[i] : '\0';
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw fail("\\u must be followed by four hex digits");
      }
      unit = unit << 4 | digit;
    }
    at += 6;
    return (char) unit;
  }

  private void skipSpace() {
    while (at < chars.length) {
      char c = chars[at];
      if (c == '\n') {
        line++;
        lineStart = at + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
      at++;
    }
  }

  private char peek() {
    return at < chars.length ? chars[at] : '\0';
  }

  private int column() {
    return at - lineStart + 1;
  }

  private String here() {
    return at < chars.length
        ? "'" + Texts.printable(text.substring(at, text.offsetByCodePoints(at, 1))) + "'"
        : "end of the document";
  }

  private SchemaException fail(String message) {
    String text = what.isEmpty() ? message : what + ": " + message;
    return SchemaException.at(text, line, column());
  }
}
