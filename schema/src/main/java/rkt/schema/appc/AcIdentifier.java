package rkt.schema.appc;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * Name of an image, label or annotation: {@code a-z0-9-._~/}, first and last alphanumeric.
 *
 * <p>Like the ancestor's code, and unlike the specification's expression, doubled separators pass;
 * so {@code a/../b} is an identifier. Never use one as a path.
 */
public record AcIdentifier(String value) implements Comparable<AcIdentifier> {
  static final String SEPARATORS = "-._~/";

  public AcIdentifier {
    if (value.isEmpty()) {
      throw new SchemaException("ACIdentifier cannot be empty");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!Texts.isLowerAlnum(c) && SEPARATORS.indexOf(c) < 0) {
        throw new SchemaException(
            "ACIdentifier must contain only lower case alphanumeric characters plus \"-._~/\": "
                + Texts.quote(value));
      }
    }
    if (!Texts.isLowerAlnum(value.charAt(0))
        || !Texts.isLowerAlnum(value.charAt(value.length() - 1))) {
      throw new SchemaException(
          "ACIdentifier must start and end with only lower case alphanumeric characters: "
              + Texts.quote(value));
    }
  }

  /**
   * Makes an identifier of any text: lower case, every other character an underscore, separators at
   * the ends removed.
   *
   * @throws SchemaException if nothing is left
   */
  public static AcIdentifier sanitize(String text) {
    return new AcIdentifier(Sanitizing.clean(text, SEPARATORS, '_'));
  }

  @Override
  public int compareTo(AcIdentifier other) {
    return value.compareTo(other.value);
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AcIdentifier that && value.equals(that.value);
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
