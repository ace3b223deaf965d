package rkt.image.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import rkt.schema.oci.Digest;

/** Digests of small documents. */
final class Sha {
  private Sha() {}

  /**
   * @param algorithm {@code sha256} or {@code sha512}, as {@link Digest} guarantees
   */
  static Digest of(String algorithm, byte[] bytes) {
    try {
      MessageDigest digest =
          MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
      return new Digest(algorithm, HexFormat.of().formatHex(digest.digest(bytes)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-2", e);
    }
  }
}
