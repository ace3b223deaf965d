package rkt.schema.appc;

import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * A remark about an image, app or pod. Some names fix the form of their value: {@code created} is
 * an RFC 3339 time, {@code homepage} and {@code documentation} are http or https URLs, {@code
 * appc.io/executor/supports-systemd-notify} is a boolean.
 */
public record Annotation(String name, String value) {
  public static final String CREATED = "created";
  public static final String AUTHORS = "authors";
  public static final String HOMEPAGE = "homepage";
  public static final String DOCUMENTATION = "documentation";
  public static final String SUPPORTS_SYSTEMD_NOTIFY = "appc.io/executor/supports-systemd-notify";

  public Annotation {
    name = new AcIdentifier(name).value();
    if (name.equals(CREATED)) {
      Rfc3339.check(value);
    } else if (name.equals(HOMEPAGE) || name.equals(DOCUMENTATION)) {
      checkUrl(value);
    } else if (name.equals(SUPPORTS_SYSTEMD_NOTIFY)) {
      checkBoolean(value);
    }
  }

  private static void checkUrl(String value) {
    int colon = value.indexOf(':');
    String scheme = colon < 0 ? "" : value.substring(0, colon);
    if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
      throw new SchemaException("bad URL scheme, must be http/https: " + Texts.quote(value));
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= 0x20 || c == 0x7f) {
        throw new SchemaException("bad URL: " + Texts.quote(value));
      }
    }
  }

  private static void checkBoolean(String value) {
    // The spellings Go's strconv.ParseBool takes.
    switch (value) {
      case "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False" -> {}
      default ->
          throw new SchemaException(
              SUPPORTS_SYSTEMD_NOTIFY + " must be a boolean, not " + Texts.quote(value));
    }
  }

  /** The value as a boolean: true for the spellings of true that Go takes. */
  public boolean isTrue() {
    return value.equals("1")
        || value.equals("t")
        || value.equals("T")
        || value.equals("TRUE")
        || value.equals("true")
        || value.equals("True");
  }
}
