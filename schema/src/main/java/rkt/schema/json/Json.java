package rkt.schema.json;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import rkt.schema.SchemaException;

/** Reads JSON texts. */
public final class Json {
  /** Objects and arrays may nest this deep; the deepest real manifest needs less than ten. */
  public static final int MAX_DEPTH = 64;

  private Json() {}

  /**
   * Reads one JSON text.
   *
   * @param what names the document in messages, such as {@code "image manifest"}; may be empty
   * @throws SchemaException with line and column if the text is not strict JSON
   */
  public static JsonValue parse(String text, String what) {
    return new JsonParser(text, what).document();
  }

  /** Reads one JSON text from UTF-8; malformed UTF-8 is an error, never replaced. */
  public static JsonValue parse(byte[] utf8, String what) {
    return parse(decode(utf8, what), what);
  }

  /** Reads one JSON text that must be an object. */
  public static JsonObject parseObject(byte[] utf8, String what) {
    return asObject(parse(utf8, what), what);
  }

  /** Reads one JSON text that must be an object. */
  public static JsonObject parseObject(String text, String what) {
    return asObject(parse(text, what), what);
  }

  /** The value as an object, or an error that names the document. */
  public static JsonObject asObject(JsonValue value, String what) {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw SchemaException.at(
        (what.isEmpty() ? "" : what + ": ") + "must be an object, not " + value.kind(),
        value.line(),
        value.column());
  }

  private static String decode(byte[] utf8, String what) {
    for (byte b : utf8) {
      if (b < 0) {
        return decodeUnicode(utf8, what);
      }
    }
    return new String(utf8, StandardCharsets.ISO_8859_1);
  }

  private static String decodeUnicode(byte[] utf8, String what) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer out = CharBuffer.allocate(utf8.length);
    CoderResult result = decoder.decode(ByteBuffer.wrap(utf8), out, true);
    if (!result.isError()) {
      result = decoder.flush(out);
    }
    out.flip();
    if (result.isError()) {
      int line = 1;
      int column = 1;
      for (int i = 0; i < out.length(); i++) {
        column++;
        if (out.charAt(i) == '\n') {
          line++;
          column = 1;
        }
      }
      throw SchemaException.at((what.isEmpty() ? "" : what + ": ") + "invalid UTF-8", line, column);
    }
    return out.toString();
  }
}
