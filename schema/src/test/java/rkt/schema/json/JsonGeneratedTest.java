package rkt.schema.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class JsonGeneratedTest {
  @Test
  void whatIsWrittenReadsBack() {
    Seeds.repeat(
        2_000,
        random -> {
          JsonWriter compact = JsonWriter.compact();
          write(random, compact, 0);
          JsonValue value = Json.parse(compact.toString(), "");
          assertThat(value.toJson()).isEqualTo(compact.toString());
          String pretty = JsonWriter.pretty().value(value).toString();
          assertThat(Json.parse(pretty, "")).isEqualTo(value);
        });
  }

  @Test
  void hostileBytesEndInALocatedError() {
    Seeds.repeat(
        5_000,
        random -> {
          JsonWriter json = JsonWriter.compact();
          write(random, json, 0);
          byte[] bytes = Seeds.mutate(random, json.toString());
          try {
            JsonValue value = Json.parse(bytes, "doc");
            assertThat(Json.parse(value.toJson(), "")).isEqualTo(value);
          } catch (SchemaException e) {
            assertThat(e.getMessage())
                .startsWith("doc: ")
                .matches("(?s).* \\(line \\d+, column \\d+\\)");
          }
        });
  }

  private static void write(Random random, JsonWriter json, int depth) {
    int kind = random.nextInt(depth < 8 ? 8 : 6);
    switch (kind) {
      case 0 -> json.nullValue();
      case 1 -> json.value(random.nextBoolean());
      case 2 -> json.value(random.nextLong());
      case 3 ->
          json.raw(Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20)));
      case 4, 5 -> json.value(text(random));
      case 6 -> {
        json.beginArray();
        for (int i = random.nextInt(6); i > 0; i--) {
          write(random, json, depth + 1);
        }
        json.endArray();
      }
      default -> {
        json.beginObject();
        for (int i = random.nextInt(6); i > 0; i--) {
          json.name(text(random) + i);
          write(random, json, depth + 1);
        }
        json.endObject();
      }
    }
  }

  private static String text(Random random) {
    StringBuilder out = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
      out.appendCodePoint(c >= 0xd800 && c < 0xe000 ? '?' : c);
    }
    return out.toString();
  }
}
