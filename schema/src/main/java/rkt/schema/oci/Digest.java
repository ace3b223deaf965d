package rkt.schema.oci;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * A content digest, {@code sha256:HEX} or {@code sha512:HEX}. The hex digits are lower case and of
 * the full length: digests become file names and are compared as text.
 */
public record Digest(String algorithm, String hex) {
  public static final String SHA256 = "sha256";
  public static final String SHA512 = "sha512";

  public Digest {
    int digits;
    if (algorithm.equals(SHA256)) {
      digits = 64;
    } else if (algorithm.equals(SHA512)) {
      digits = 128;
    } else {
      throw new SchemaException("unsupported digest algorithm: " + Texts.quote(algorithm));
    }
    if (hex.length() != digits || !Texts.isLowerHex(hex, 0, digits)) {
      throw new SchemaException(
          "bad "
              + algorithm
              + " digest: "
              + Texts.quote(hex)
              + " (expected "
              + digits
              + " lower-case hex digits)");
    }
  }

  public static Digest sha256(String hex) {
    return new Digest(SHA256, hex);
  }

  /** Reads {@code algorithm:hex}. */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new SchemaException("bad digest: " + Texts.quote(text) + " (expected ALGORITHM:HEX)");
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest that && algorithm.equals(that.algorithm) && hex.equals(that.hex);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
