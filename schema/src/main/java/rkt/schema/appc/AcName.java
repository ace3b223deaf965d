package rkt.schema.appc;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * Name of an app, volume, port or mount point: {@code a-z0-9-}, first and last alphanumeric.
 * Doubled dashes pass, as in the ancestor. Safe as a single path component.
 */
public record AcName(String value) implements Comparable<AcName> {
  public AcName {
    if (value.isEmpty()) {
      throw new SchemaException("ACName cannot be empty");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!Texts.isLowerAlnum(c) && c != '-') {
        throw new SchemaException(
            "ACName must contain only lower case alphanumeric characters plus \"-\": "
                + Texts.quote(value));
      }
    }
    if (value.charAt(0) == '-' || value.charAt(value.length() - 1) == '-') {
      throw new SchemaException(
          "ACName must start and end with only lower case alphanumeric characters: "
              + Texts.quote(value));
    }
  }

  /**
   * Makes a name of any text: lower case, every other character a dash, dashes at the ends removed.
   *
   * @throws SchemaException if nothing is left
   */
  public static AcName sanitize(String text) {
    return new AcName(Sanitizing.clean(text, "-", '-'));
  }

  /**
   * The default app name of an image: its last path component, sanitized ({@code
   * coreos.com/etcd:v2.0.0} gives {@code etcd-v2-0-0}).
   */
  public static AcName forImage(String imageName) {
    return sanitize(imageName.substring(imageName.lastIndexOf('/') + 1));
  }

  @Override
  public int compareTo(AcName other) {
    return value.compareTo(other.value);
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AcName that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
