package rkt.schema.appc;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonObject;

/** Checks that several appc types share. */
final class Rules {
  private Rules() {}

  /**
   * Refuses NUL: it ends a C string, so that the kernel would see another path, argument or
   * variable than the one that was checked.
   */
  static void noNul(String what, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new SchemaException(what + " must not contain a NUL character");
    }
  }

  /** A path that is there and holds no NUL. */
  static void path(String what, String value) {
    if (value.isEmpty()) {
      throw new SchemaException(what + " must not be empty");
    }
    noNul(what, value);
  }

  static void absolutePath(String what, String value) {
    path(what, value);
    if (value.charAt(0) != '/') {
      throw new SchemaException(what + " must be an absolute path: " + Texts.quote(value));
    }
  }

  /** An unmodifiable copy sorted by key: the order in which the ancestor wrote maps. */
  static Map<String, String> sorted(Map<String, String> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
  }

  /** The kind tag that every appc manifest carries. */
  static void kind(String found, String wanted) {
    if (found.isEmpty()) {
      throw new SchemaException("ACKind must be set");
    }
    if (!found.equals(wanted)) {
      throw new SchemaException("bad ACKind: " + Texts.printable(found));
    }
  }

  static void mustBeSet(String what, String value) {
    if (value.isEmpty()) {
      throw new SchemaException(what + " must be set");
    }
  }

  /** The {@code acVersion} of a manifest. */
  static SemVer readVersion(JsonObject json, String version) {
    try {
      return new SemVer(version);
    } catch (SchemaException e) {
      throw json.locate("acVersion", e);
    }
  }

  static SchemaException duplicate(String what, String name) {
    return new SchemaException("duplicate " + what + " of name " + Texts.quote(name));
  }
}
