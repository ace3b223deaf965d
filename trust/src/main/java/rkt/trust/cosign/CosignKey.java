package rkt.trust.cosign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** A public key in PEM ({@code cosign.pub}): ECDSA P-256, P-384 or P-521, Ed25519, or RSA. */
public final class CosignKey {
  /** A key file larger than this is refused. */
  public static final int MAX_FILE = 64 << 10;

  private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String END = "-----END PUBLIC KEY-----";
  private static final int MIN_RSA = 2048;
  private static final int MAX_RSA = 16_384;

  private final byte[] der;

  private CosignKey(byte[] der) {
    this.der = der;
  }

  /**
   * Reads the one key of a PEM file. Only its text is looked at: whether the key can be used shows
   * when it is.
   */
  public static CosignKey parse(byte[] file) throws CosignException {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int begin = text.indexOf(BEGIN);
    if (begin < 0) {
      throw new CosignException(
          text.contains("PRIVATE KEY-----")
              ? "this is a private key; its public key is wanted (cosign public-key)"
              : "not a public key in PEM (-----BEGIN PUBLIC KEY-----)");
    }
    int end = text.indexOf(END, begin);
    if (end < 0) {
      throw new CosignException("the key is cut: its end line is missing");
    }
    if (text.indexOf(BEGIN, end) >= 0) {
      throw new CosignException("more than one key in the file");
    }
    try {
      return new CosignKey(
          Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end)));
    } catch (IllegalArgumentException e) {
      throw new CosignException("the key is not base64: " + e.getMessage(), e);
    }
  }

  /** {@code sha256:} and the digest of the key (DER). */
  public String id() throws CosignException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(der);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new CosignException("this JVM has no SHA-256", e);
    }
  }

  /**
   * Whether the key made this signature over the payload. Cosign hashes with SHA-256 whatever the
   * curve; other tools take the curve's own hash, so both count.
   *
   * @throws CosignException when the key is unusable
   */
  public boolean verifies(byte[] payload, byte[] signature) throws CosignException {
    PublicKey key = usable();
    for (String algorithm : algorithms(key)) {
      try {
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(key);
        verifier.update(payload);
        if (verifier.verify(signature)) {
          return true;
        }
      } catch (GeneralSecurityException | RuntimeException malformed) {
        // A signature that cannot be computed with is one that does not verify.
        continue;
      }
    }
    return false;
  }

  private static List<String> algorithms(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "EC" -> {
        int bits =
            key instanceof ECPublicKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
        List<String> out = new ArrayList<>(List.of("SHA256withECDSA"));
        if (bits == 384) {
          out.add("SHA384withECDSA");
        } else if (bits == 521) {
          out.add("SHA512withECDSA");
        }
        yield out;
      }
      case "RSA" -> List.of("SHA256withRSA");
      default -> List.of("Ed25519");
    };
  }

  /** What the key is, for people: {@code ECDSA 256}; or why it is unusable. */
  public String describe() throws CosignException {
    PublicKey key = usable();
    if (key instanceof ECPublicKey ec) {
      return "ECDSA P-" + ec.getParams().getCurve().getField().getFieldSize();
    }
    return key instanceof RSAPublicKey rsa ? "RSA " + rsa.getModulus().bitLength() : "Ed25519";
  }

  private PublicKey usable() throws CosignException {
    for (String algorithm : List.of("EC", "Ed25519", "RSA")) {
      try {
        PublicKey key =
            KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
        if (key instanceof RSAPublicKey rsa) {
          int bits = rsa.getModulus().bitLength();
          if (bits < MIN_RSA || bits > MAX_RSA) {
            throw new CosignException("RSA keys of " + bits + " bits are not accepted");
          }
        }
        return key;
      } catch (InvalidKeySpecException another) {
        continue;
      } catch (NoSuchAlgorithmException e) {
        throw new CosignException("this JVM knows no " + algorithm, e);
      }
    }
    throw new CosignException("not an ECDSA (P-256, P-384, P-521), Ed25519 or RSA public key");
  }
}
