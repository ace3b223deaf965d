package rkt.schema.json;

import org.jspecify.annotations.Nullable;

/**
 * Where a container sits in its document: one small node per object or array, turned into text only
 * when an error needs it.
 */
final class JsonPath {
  private static final int NO_INDEX = -1;

  private final @Nullable JsonPath parent;
  private final String name;
  private final int index;

  private JsonPath(@Nullable JsonPath parent, String name, int index) {
    this.parent = parent;
    this.name = name;
    this.index = index;
  }

  /** The root; {@code what} names the document in messages and may be empty. */
  static JsonPath root(String what) {
    return new JsonPath(null, what, NO_INDEX);
  }

  JsonPath child(String key) {
    return new JsonPath(this, key, NO_INDEX);
  }

  JsonPath child(int position) {
    return new JsonPath(this, "", position);
  }

  /** {@code "image manifest: app.exec[2]"}; only the document's name for the root itself. */
  String text() {
    StringBuilder out = new StringBuilder();
    append(out);
    return out.toString();
  }

  private void append(StringBuilder out) {
    if (parent == null) {
      out.append(name);
      return;
    }
    parent.append(out);
    if (index != NO_INDEX) {
      if (parent.parent == null && !out.isEmpty()) {
        out.append(": ");
      }
      out.append('[').append(index).append(']');
      return;
    }
    if (parent.parent != null) {
      out.append('.');
    } else if (!out.isEmpty()) {
      out.append(": ");
    }
    out.append(rkt.schema.Texts.printable(name));
  }
}
