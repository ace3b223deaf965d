package rkt.schema.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  @Test
  void writesCompact() {
    JsonWriter json = JsonWriter.compact();
    json.beginObject().name("a").value(1).name("b").beginArray().value(true).nullValue().endArray();
    json.name("c").beginObject().endObject().name("d").strings(List.of("x", "y")).endObject();
    assertThat(json).hasToString("{\"a\":1,\"b\":[true,null],\"c\":{},\"d\":[\"x\",\"y\"]}");
  }

  @Test
  void writesPrettyLikeTheAncestor() {
    JsonWriter json = JsonWriter.pretty();
    json.value(Json.parse("{\"a\":[],\"b\":{},\"c\":[1,{\"d\":2}]}", ""));
    assertThat(json)
        .hasToString(
            "{\n\t\"a\": [],\n\t\"b\": {},\n\t\"c\": [\n\t\t1,\n\t\t{\n\t\t\t\"d\": 2\n\t\t}\n\t]\n}");
  }

  @Test
  void escapesWhatJsonAndJavaScriptDemand() {
    String text = "\"\\\b\f\n\r\t\u0000\u001f\u007f\u2028\u2029<>&é😀";
    String json = JsonWriter.compact().value(text).toString();
    assertThat(json)
        .isEqualTo("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\\u2028\\u2029<>&é😀\"");
    assertThat(Json.parse(json, "")).isEqualTo(JsonString.of(text));
  }

  @Test
  void misuseFailsAtOnce() {
    assertThatIllegalStateException().isThrownBy(() -> JsonWriter.compact().name("a"));
    assertThatIllegalStateException().isThrownBy(() -> JsonWriter.compact().beginObject().value(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> JsonWriter.compact().beginArray().endObject());
    assertThatIllegalStateException().isThrownBy(() -> JsonWriter.compact().value(1).value(2));
    assertThatIllegalStateException()
        .isThrownBy(() -> JsonWriter.compact().beginArray().toString());
    assertThatIllegalStateException()
        .isThrownBy(() -> JsonWriter.compact().beginObject().name("a").endObject());
  }

  @Test
  void mixesObjectsAndArraysToTheFullDepth() {
    String text = "{\"a\":[".repeat(32) + "]}".repeat(32);
    assertThat(Json.parse(text, "").toJson()).isEqualTo(text);
  }
}
