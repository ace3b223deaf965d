package rkt.schema.appc;

import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** One environment variable of an app; the name matches {@code [A-Za-z_][A-Za-z_0-9.-]*}. */
public record EnvVar(String name, String value) {
  public EnvVar {
    if (!isName(name)) {
      throw new SchemaException(
          "environment variable does not have valid identifier: " + Texts.quote(name));
    }
    Rules.noNul("environment variable", value);
  }

  /** Whether the text may name a variable. */
  public static boolean isName(String text) {
    if (text.isEmpty() || Texts.isDigit(text.charAt(0))) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean inner = i > 0 && (c == '.' || c == '-');
      if (!Texts.isAlnum(c) && c != '_' && !inner) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return name + "=" + value;
  }
}
