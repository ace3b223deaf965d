package rkt.schema.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1.5e+10",
        "-12.25E-2",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\":{\"b\":[{},[]]}}",
        "\"\\u00e9\\n\\\"\\/\\\\\\b\\f\\r\\t\"",
        "\"\\ud83d\\ude00\"",
        "\"😀é\"",
        "\"\u007f\"",
        "12345678901234567890123456789"
      })
  void accepts(String text) {
    JsonValue value = Json.parse(text, "");
    assertThat(Json.parse(value.toJson(), "")).isEqualTo(value);
    assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8), "")).isEqualTo(value);
  }

  static List<String[]> refused() {
    return List.of(
        new String[] {"", "is empty (line 1, column 1)"},
        new String[] {" \n ", "is empty (line 2, column 2)"},
        new String[] {"\ufeff{}", "starts with a byte order mark (line 1, column 1)"},
        new String[] {
          "{",
          "unexpected end of the document, expected a field name in double quotes (line 1, column 2)"
        },
        new String[] {
          "{\"a\"}", "unexpected '}', expected ':' after a field name (line 1, column 5)"
        },
        new String[] {"{\"a\":}", "unexpected '}', expected a value (line 1, column 6)"},
        new String[] {"{\"a\":1,}", "unexpected '}' after ',' (line 1, column 8)"},
        new String[] {
          "{a:1}", "unexpected 'a', expected a field name in double quotes (line 1, column 2)"
        },
        new String[] {
          "{\"a\":1 \"b\":2}",
          "unexpected '\\\"', expected ',' or '}' in an object (line 1, column 8)"
        },
        new String[] {"{\"a\":1,\n \"a\":2}", "duplicate key \"a\" (line 2, column 2)"},
        new String[] {"{\"a\":1,\"\\u0061\":2}", "duplicate key \"a\" (line 1, column 8)"},
        new String[] {"[1,]", "unexpected ']' after ',' (line 1, column 4)"},
        new String[] {
          "[1 2]", "unexpected '2', expected ',' or ']' in an array (line 1, column 4)"
        },
        new String[] {"[1}", "unexpected '}', expected ',' or ']' in an array (line 1, column 3)"},
        new String[] {"1 2", "unexpected '2' after the end of the document (line 1, column 3)"},
        new String[] {"{}\n//x", "unexpected '/' after the end of the document (line 2, column 1)"},
        new String[] {"01", "a number must not start with 0 (line 1, column 2)"},
        new String[] {"-", "unexpected end of the document, expected a digit (line 1, column 2)"},
        new String[] {"+1", "unexpected '+', expected a value (line 1, column 1)"},
        new String[] {".5", "unexpected '.', expected a value (line 1, column 1)"},
        new String[] {"1.", "unexpected end of the document, expected a digit (line 1, column 3)"},
        new String[] {"1e", "unexpected end of the document, expected a digit (line 1, column 3)"},
        new String[] {"NaN", "unexpected 'N', expected a value (line 1, column 1)"},
        new String[] {"nul", "unexpected 'n', expected a value (line 1, column 1)"},
        new String[] {"truex", "unexpected 'x' after the end of the document (line 1, column 5)"},
        new String[] {"'a'", "unexpected ''', expected a value (line 1, column 1)"},
        new String[] {"\"a", "unexpected end of the document in a string (line 1, column 3)"},
        new String[] {"\"\\", "unknown escape in a string (line 1, column 2)"},
        new String[] {"\"\\x41\"", "unknown escape in a string (line 1, column 2)"},
        new String[] {"\"\\u12\"", "\\u must be followed by four hex digits (line 1, column 2)"},
        new String[] {"\"\\u１２３４\"", "\\u must be followed by four hex digits (line 1, column 2)"},
        new String[] {"\"a\nb\"", "control character in a string (line 1, column 3)"},
        new String[] {"\"a\0b\"", "control character in a string (line 1, column 3)"},
        new String[] {"\"\\ud800\"", "half of a surrogate pair in a string (line 1, column 2)"},
        new String[] {
          "\"\\ud800\\u0041\"", "half of a surrogate pair in a string (line 1, column 2)"
        },
        new String[] {"\"\\udc00\"", "half of a surrogate pair in a string (line 1, column 2)"},
        new String[] {"\"\ud800\"", "half of a surrogate pair in a string (line 1, column 2)"});
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refuses(String text, String message) {
    assertThatThrownBy(() -> Json.parse(text, ""))
        .isInstanceOf(SchemaException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> Json.parse(text, "doc")).hasMessage("doc: " + message);
  }

  @Test
  void boundsNesting() {
    String deepest = "[".repeat(64) + "]".repeat(64);
    assertThat(Json.parse(deepest, "").toJson()).isEqualTo(deepest);
    assertThatThrownBy(() -> Json.parse("[" + deepest + "]", ""))
        .hasMessage("nested deeper than 64 levels (line 1, column 65)");
    assertThatThrownBy(() -> Json.parse("{\"a\":".repeat(1_000_000), ""))
        .hasMessageStartingWith("nested deeper than 64 levels");
  }

  @Test
  void refusesMalformedUtf8() {
    byte[][] malformed = {
      {'"', (byte) 0xff, '"'},
      {'"', (byte) 0xc3, '"'},
      {'"', (byte) 0xc0, (byte) 0x80, '"'},
      {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
      {'"', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80, '"'},
      {'"', 'x', (byte) 0xe2, (byte) 0x82},
    };
    for (byte[] bytes : malformed) {
      assertThatThrownBy(() -> Json.parse(bytes, "doc"))
          .isInstanceOf(SchemaException.class)
          .hasMessageStartingWith("doc: invalid UTF-8 (line 1, column ");
    }
  }

  @Test
  void valuesKnowTheirPlace() {
    JsonObject json = Json.parseObject("{\n  \"a\": [1,\n\t{\"b\": true}]\n}", "");
    JsonValue inner = json.array("a").values().get(1);
    assertThat(inner.line()).isEqualTo(3);
    assertThat(inner.column()).isEqualTo(2);
    assertThat(Json.parse(json.toJson(), "")).isEqualTo(json).hasSameHashCodeAs(json);
  }

  @Test
  void errorsNameTheFieldByItsPath() {
    JsonObject json =
        Json.parseObject(
            "{\"app\":{\"exec\":[\"a\",\"b\",\n3],\"n\":1.5,\"m\":4294967296}}", "doc");
    JsonObject app = json.object("app");
    assertThatThrownBy(() -> app.strings("exec"))
        .hasMessage("doc: app.exec[2] must be a string, not a number (line 2, column 1)");
    assertThatThrownBy(() -> app.integer("n"))
        .hasMessage("doc: app.n: must be a 64-bit integer (line 2, column 8)");
    assertThatThrownBy(() -> app.int32("m"))
        .hasMessage("doc: app.m: must be a 32-bit integer (line 2, column 16)");
    assertThatThrownBy(() -> app.object("exec"))
        .hasMessage("doc: app.exec must be an object, not an array (line 1, column 16)");
    assertThatThrownBy(() -> json.string("name"))
        .hasMessage("doc: name must be set (line 1, column 1)");
    assertThatThrownBy(() -> app.bool("gone"))
        .hasMessage("doc: app: gone must be set (line 1, column 8)");
    assertThatThrownBy(() -> Json.parseObject("[]", "doc"))
        .hasMessage("doc: must be an object, not an array (line 1, column 1)");
  }

  @Test
  void findsFieldsIgnoringCaseButNotTwice() {
    assertThat(Json.parseObject("{\"ACKind\":\"x\"}", "").string("acKind")).isEqualTo("x");
    JsonObject twice = Json.parseObject("{\"a\":1,\"A\":2}", "doc");
    assertThatThrownBy(() -> twice.get("a"))
        .hasMessage("doc: fields \"a\" and \"A\" differ only in case (line 1, column 12)");
    JsonObject reversed = Json.parseObject("{\"A\":1,\"a\":2}", "doc");
    assertThatThrownBy(() -> reversed.get("a")).hasMessageContaining("differ only in case");
    assertThatThrownBy(() -> Json.parseObject("{\"AB\":1,\"Ab\":2}", "").get("ab"))
        .hasMessageContaining("differ only in case");
  }

  @Test
  void nullCountsAsAbsent() {
    JsonObject json = Json.parseObject("{\"a\":null}", "");
    assertThat(json.optString("a")).isEmpty();
    assertThat(json.strings("a")).isEmpty();
    assertThat(json.objects("a")).isEmpty();
    assertThat(json.stringMap("a")).isEmpty();
    assertThat(json.bool("a", true)).isTrue();
    assertThat(json.has("a")).isFalse();
    assertThat(json.get("a")).isPresent();
  }
}
