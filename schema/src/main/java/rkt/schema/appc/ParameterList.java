package rkt.schema.appc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * The {@code k=v,k=v} notation of {@code --volume} and {@code --mount}: the ancestor turned commas
 * into ampersands and read the result as a URL query, so that {@code %2C} stands for a comma and
 * {@code +} for a blank.
 */
final class ParameterList {
  private ParameterList() {}

  /** The parameters in order. A repeated one is refused. */
  static Map<String, String> parse(String text) {
    Map<String, String> out = new LinkedHashMap<>();
    int from = 0;
    while (from <= text.length()) {
      int to = endOfPart(text, from);
      String part = text.substring(from, to);
      from = to + 1;
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String key = decode(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decode(part.substring(equals + 1));
      if (out.putIfAbsent(key, value) != null) {
        throw new SchemaException("label " + Texts.printable(key) + " with multiple values");
      }
    }
    return out;
  }

  private static int endOfPart(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != ',' && text.charAt(at) != '&') {
      at++;
    }
    return at;
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text.replace('+', ' ');
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '+') {
        out.write(' ');
      } else if (b == '%') {
        boolean room = i + 2 < bytes.length;
        int high = room ? digit(bytes[i + 1]) : -1;
        int low = room ? digit(bytes[i + 2]) : -1;
        if (high < 0 || low < 0) {
          throw new SchemaException("invalid URL escape in " + Texts.quote(text));
        }
        out.write(high << 4 | low);
        i += 2;
      } else {
        out.write(b);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int digit(byte b) {
    return b < 0 ? -1 : Character.digit(b, 16);
  }

  /** A boolean in any spelling Go's {@code strconv.ParseBool} takes. */
  static boolean bool(String key, String value) {
    return switch (value) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default ->
          throw new SchemaException(key + " must be true or false, not " + Texts.quote(value));
    };
  }

  static int number(String key, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new SchemaException(key + " must be a number, not " + Texts.quote(value), e);
    }
  }
}
