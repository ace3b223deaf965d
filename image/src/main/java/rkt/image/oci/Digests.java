package rkt.image.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import rkt.schema.oci.Digest;

/** Digests of bytes. */
public final class Digests {
  private Digests() {}

  /**
   * @param algorithm {@code sha256} or {@code sha512}, as {@link Digest} guarantees
   */
  public static Digest of(String algorithm, byte[] bytes) {
    MessageDigest hash = begin(algorithm);
    hash.update(bytes);
    return end(algorithm, hash);
  }

  /** Begins a digest that is fed piece by piece. */
  public static MessageDigest begin(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals(Digest.SHA512) ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-2", e);
    }
  }

  /** What {@link #begin} began. */
  public static Digest end(String algorithm, MessageDigest hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
  }
}
