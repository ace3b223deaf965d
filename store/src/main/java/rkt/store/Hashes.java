package rkt.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import rkt.schema.oci.Digest;

/** Hashes by name. Loaded only when something has to be hashed. */
final class Hashes {
  private Hashes() {}

  static MessageDigest of(Digest digest) {
    return digest.algorithm().equals("sha512") ? sha512() : sha256();
  }

  static MessageDigest sha256() {
    return get("SHA-256");
  }

  static MessageDigest sha512() {
    return get("SHA-512");
  }

  static String sha256Hex(byte[] bytes) {
    return hex(sha256().digest(bytes));
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static MessageDigest get(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has " + algorithm, e);
    }
  }
}
