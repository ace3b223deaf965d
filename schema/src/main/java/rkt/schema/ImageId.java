package rkt.schema;

import org.jspecify.annotations.Nullable;

/**
 * The ID of an image: {@code sha512-HEX} for an ACI (of the uncompressed archive) or {@code
 * sha256-HEX} for an OCI image (of the manifest for this platform). Both carry at most 64 hex
 * digits: a longer sha512 is cut, because the ancestor keeps only so many. A shorter value is a
 * prefix, to be resolved by the store.
 *
 * <p>The ancestor did not look at the characters; here they must be lower-case hex digits, because
 * the value becomes a file name.
 */
public record ImageId(String value) implements Comparable<ImageId> {
  private static final int HEX_DIGITS = 64;
  private static final int PREFIX = "sha512-".length();
  private static final int SHORT_DIGITS = 12;

  public ImageId {
    int dash = value.indexOf('-');
    if (dash < 0 || value.indexOf('-', dash + 1) >= 0) {
      throw new SchemaException("badly formatted hash string: " + Texts.quote(value));
    }
    String type = value.substring(0, dash);
    if (!type.equals("sha512") && !type.equals("sha256")) {
      throw new SchemaException("unrecognized hash type: " + Texts.printable(type));
    }
    if (dash + 1 == value.length()) {
      throw new SchemaException("unexpected empty hash value");
    }
    if (!Texts.isLowerHex(value, PREFIX, value.length())) {
      throw new SchemaException(
          "badly formatted hash string: " + Texts.quote(value) + " (not lower-case hex digits)");
    }
    if (value.length() > PREFIX + HEX_DIGITS) {
      if (type.equals("sha256")) {
        throw new SchemaException(
            "badly formatted hash string: " + Texts.quote(value) + " (longer than 64 hex digits)");
      }
      value = value.substring(0, PREFIX + HEX_DIGITS);
    }
  }

  /** The ID of an ACI, from the hex digits of its SHA-512. */
  public static ImageId sha512(String hex) {
    return new ImageId("sha512-" + hex);
  }

  /** The ID of an OCI image, from the hex digits of its manifest's SHA-256. */
  public static ImageId sha256(String hex) {
    return new ImageId("sha256-" + hex);
  }

  /** {@code sha512} or {@code sha256}. */
  public String algorithm() {
    return value.substring(0, PREFIX - 1);
  }

  /** The hex digits after the dash. */
  public String hex() {
    return value.substring(PREFIX);
  }

  /** Algorithm and the first 12 digits: 19 characters, what {@code rkt list} shows. */
  public String shortForm() {
    return isLongerThan(SHORT_DIGITS) ? value.substring(0, PREFIX + SHORT_DIGITS) : value;
  }

  /** Whether all 64 digits are there; if not, the value is a prefix to be resolved. */
  public boolean isFull() {
    return value.length() == PREFIX + HEX_DIGITS;
  }

  private boolean isLongerThan(int digits) {
    return value.length() > PREFIX + digits;
  }

  @Override
  public int compareTo(ImageId other) {
    return value.compareTo(other.value);
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ImageId that && value.equals(that.value);
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
