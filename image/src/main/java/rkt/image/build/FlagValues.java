package rkt.image.build;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.Port;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;

/**
 * The written forms of single flag values; every failure is a {@link SchemaException} with the
 * reason.
 */
final class FlagValues {
  private FlagValues() {}

  static String key(String text) {
    return text.substring(0, equalsSign(text));
  }

  /** What follows the first equals sign. */
  static String value(String text) {
    return text.substring(equalsSign(text) + 1);
  }

  private static int equalsSign(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new SchemaException("must be specified as NAME=VALUE");
    }
    return equals;
  }

  /** A JSON array of arguments, or one argument verbatim. */
  static List<String> exec(String text) {
    if (text.startsWith("[") && Json.parse(text, "--exec") instanceof JsonArray array) {
      return array.strings();
    }
    return List.of(text);
  }

  static Port port(String text) {
    if (text.indexOf('=') >= 0) {
      Map<String, String> fields =
          fields(text, Set.of("name", "protocol", "port", "count", "socketActivated"));
      return new Port(
          new AcName(required(fields, "name")),
          fields.getOrDefault("protocol", "tcp"),
          number(required(fields, "port")),
          number(fields.getOrDefault("count", "1")),
          bool(fields.getOrDefault("socketActivated", "false")));
    }
    String[] parts = text.split(":", -1);
    if (parts.length != 2 && parts.length != 3) {
      throw new SchemaException("is not in NAME:[PROTOCOL:]PORT format");
    }
    String protocol = parts.length == 3 ? parts[1] : "tcp";
    return new Port(new AcName(parts[0]), protocol, number(parts[parts.length - 1]));
  }

  static MountPoint mountPoint(String text) {
    int colon = text.indexOf(':');
    int equals = text.indexOf('=');
    if (equals >= 0 && (colon < 0 || equals < colon)) {
      Map<String, String> fields =
          fields(text, Set.of("volume", "name", "target", "path", "readOnly"));
      String name =
          fields.containsKey("name") ? required(fields, "name") : required(fields, "volume");
      String path =
          fields.containsKey("path") ? required(fields, "path") : required(fields, "target");
      return new MountPoint(new AcName(name), path, bool(fields.getOrDefault("readOnly", "false")));
    }
    if (colon < 0) {
      throw new SchemaException("is not in NAME:PATH[:ro] format");
    }
    boolean readOnly = text.endsWith(":ro");
    String path = text.substring(colon + 1, readOnly ? text.length() - 3 : text.length());
    return new MountPoint(new AcName(text.substring(0, colon)), path, readOnly);
  }

  static Isolator isolator(String text) {
    return new Isolator(key(text), Json.parse(value(text), "isolator " + key(text)));
  }

  private static Map<String, String> fields(String text, Set<String> known) {
    Map<String, String> out = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String name = key(part);
      if (!known.contains(name)) {
        throw new SchemaException("unknown parameter \"" + name + "\"");
      }
      if (out.put(name, value(part)) != null) {
        throw new SchemaException("parameter \"" + name + "\" with multiple values");
      }
    }
    return out;
  }

  private static String required(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new SchemaException("missing parameter \"" + name + "\"");
    }
    return value;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new SchemaException("\"" + text + "\" is not a number", e);
    }
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new SchemaException("\"" + text + "\" is neither true nor false");
    };
  }
}
