package rkt.trust.pgp;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.bcpg.ECPublicBCPGKey;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPPublicKey;

/** Which algorithms still vouch, as of 2026. */
final class Algorithms {
  private static final int MIN_BITS = 2048;
  // Beyond these an honest key gains nothing and a hostile one costs minutes.
  private static final int MAX_RSA_BITS = 16_384;
  private static final int MAX_DSA_BITS = 4096;

  private Algorithms() {}

  /** {@code RSA 4096}, {@code Ed25519}: for people. */
  static String name(PGPPublicKey key) {
    return switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL,
          PublicKeyAlgorithmTags.RSA_ENCRYPT,
          PublicKeyAlgorithmTags.RSA_SIGN ->
          "RSA " + key.getBitStrength();
      case PublicKeyAlgorithmTags.DSA -> "DSA " + key.getBitStrength();
      case PublicKeyAlgorithmTags.ECDSA -> "ECDSA " + curve(key);
      case PublicKeyAlgorithmTags.EDDSA_LEGACY -> "EdDSA " + curve(key);
      case PublicKeyAlgorithmTags.Ed25519 -> "Ed25519";
      case PublicKeyAlgorithmTags.Ed448 -> "Ed448";
      case PublicKeyAlgorithmTags.ECDH -> "ECDH " + curve(key);
      case PublicKeyAlgorithmTags.ELGAMAL_ENCRYPT, PublicKeyAlgorithmTags.ELGAMAL_GENERAL ->
          "ElGamal";
      case PublicKeyAlgorithmTags.X25519 -> "X25519";
      case PublicKeyAlgorithmTags.X448 -> "X448";
      default -> "algorithm " + key.getAlgorithm();
    };
  }

  private static String curve(PGPPublicKey key) {
    if (!(key.getPublicKeyPacket().getKey() instanceof ECPublicBCPGKey ec)) {
      return "";
    }
    ASN1ObjectIdentifier oid = ec.getCurveOID();
    return switch (oid.getId()) {
      case "1.3.6.1.4.1.11591.15.1", "1.3.101.112" -> "Ed25519";
      case "1.3.6.1.4.1.3029.1.5.1", "1.3.101.110" -> "X25519";
      default -> {
        String name = ECNamedCurveTable.getName(oid);
        yield name == null ? oid.getId() : name;
      }
    };
  }

  /**
   * Why a key of this algorithm and size vouches for nothing; empty when it may. Asked before any
   * arithmetic is done with the key.
   */
  static String weakness(PGPPublicKey key) {
    int bits = key.getBitStrength();
    return switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL, PublicKeyAlgorithmTags.RSA_SIGN ->
          size("RSA", bits, MAX_RSA_BITS);
      case PublicKeyAlgorithmTags.DSA -> size("DSA", bits, MAX_DSA_BITS);
      case PublicKeyAlgorithmTags.ECDSA,
          PublicKeyAlgorithmTags.EDDSA_LEGACY,
          PublicKeyAlgorithmTags.Ed25519,
          PublicKeyAlgorithmTags.Ed448 ->
          "";
      default -> name(key) + " does not make signatures that rkt can check";
    };
  }

  /** Whether arithmetic with the key ends in reasonable time. */
  static boolean computable(PGPPublicKey key) {
    int bits = key.getBitStrength();
    return switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL, PublicKeyAlgorithmTags.RSA_SIGN ->
          bits <= MAX_RSA_BITS;
      case PublicKeyAlgorithmTags.DSA -> bits <= MAX_DSA_BITS;
      default -> weakness(key).isEmpty();
    };
  }

  private static String size(String algorithm, int bits, int most) {
    if (bits < MIN_BITS) {
      return algorithm
          + " keys of "
          + bits
          + " bits are too weak, at least "
          + MIN_BITS
          + " are needed";
    }
    return bits > most ? algorithm + " keys of " + bits + " bits are not supported" : "";
  }

  /** The hash of a signature over an image. MD5 and SHA-1 have collisions for sale. */
  static MessageDigest digest(int hash) throws OpenPgpException {
    String name = hashName(hash);
    switch (hash) {
      case HashAlgorithmTags.SHA224,
          HashAlgorithmTags.SHA256,
          HashAlgorithmTags.SHA384,
          HashAlgorithmTags.SHA512,
          HashAlgorithmTags.SHA3_256,
          HashAlgorithmTags.SHA3_512 -> {
        try {
          return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
          throw new OpenPgpException("openpgp: this JVM has no " + name, e);
        }
      }
      case HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1, HashAlgorithmTags.RIPEMD160 ->
          throw new OpenPgpException("openpgp: signed with the broken hash algorithm " + name);
      default -> throw new OpenPgpException("openpgp: unknown hash " + name);
    }
  }

  static String hashName(int hash) {
    return switch (hash) {
      case HashAlgorithmTags.MD5 -> "MD5";
      case HashAlgorithmTags.SHA1 -> "SHA-1";
      case HashAlgorithmTags.RIPEMD160 -> "RIPEMD-160";
      case HashAlgorithmTags.SHA224 -> "SHA-224";
      case HashAlgorithmTags.SHA256 -> "SHA-256";
      case HashAlgorithmTags.SHA384 -> "SHA-384";
      case HashAlgorithmTags.SHA512 -> "SHA-512";
      case HashAlgorithmTags.SHA3_256 -> "SHA3-256";
      case HashAlgorithmTags.SHA3_512 -> "SHA3-512";
      default -> "algorithm " + hash;
    };
  }
}
