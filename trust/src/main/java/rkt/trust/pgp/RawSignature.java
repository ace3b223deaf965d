package rkt.trust.pgp;

import java.io.IOException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.DSA;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.Ed448PublicKeyParameters;
import org.bouncycastle.crypto.signers.DSASigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.Ed448Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyConverter;

/**
 * Checks a signature over a hash that was computed elsewhere: by the JDK's digests, which use the
 * processor's instructions, once for all signatures of a file. Images are large.
 */
final class RawSignature {
  private RawSignature() {}

  static boolean verify(PGPSignature signature, PGPPublicKey key, byte[] hash)
      throws PGPException, CryptoException, IOException {
    AsymmetricKeyParameter parameter = new BcPGPKeyConverter().getPublicKey(key);
    byte[] value = signature.getSignature();
    return switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL, PublicKeyAlgorithmTags.RSA_SIGN ->
          rsa(signature.getHashAlgorithm(), parameter, value, hash);
      case PublicKeyAlgorithmTags.DSA -> dsa(new DSASigner(), parameter, value, hash);
      case PublicKeyAlgorithmTags.ECDSA -> dsa(new ECDSASigner(), parameter, value, hash);
      case PublicKeyAlgorithmTags.EDDSA_LEGACY,
          PublicKeyAlgorithmTags.Ed25519,
          PublicKeyAlgorithmTags.Ed448 ->
          eddsa(parameter, value, hash);
      default -> false;
    };
  }

  private static boolean rsa(int algorithm, AsymmetricKeyParameter key, byte[] value, byte[] hash) {
    RSADigestSigner signer =
        new RSADigestSigner(new Prehashed(Algorithms.hashName(algorithm), hash.length));
    signer.init(false, key);
    signer.update(hash, 0, hash.length);
    return signer.verifySignature(value);
  }

  private static boolean dsa(DSA signer, AsymmetricKeyParameter key, byte[] value, byte[] hash) {
    ASN1Sequence pair = ASN1Sequence.getInstance(value);
    if (pair.size() != 2) {
      return false;
    }
    BigInteger r = ASN1Integer.getInstance(pair.getObjectAt(0)).getPositiveValue();
    BigInteger s = ASN1Integer.getInstance(pair.getObjectAt(1)).getPositiveValue();
    signer.init(false, key);
    return signer.verifySignature(hash, r, s);
  }

  private static boolean eddsa(AsymmetricKeyParameter key, byte[] value, byte[] hash)
      throws CryptoException {
    Signer signer;
    if (key instanceof Ed25519PublicKeyParameters) {
      signer = new Ed25519Signer();
    } else if (key instanceof Ed448PublicKeyParameters) {
      signer = new Ed448Signer(new byte[0]);
    } else {
      return false;
    }
    signer.init(false, key);
    signer.update(hash, 0, hash.length);
    return signer.verifySignature(value);
  }

  /** A "digest" that hands on the hash it is given, for signers that insist on one. */
  private static final class Prehashed implements Digest {
    private final String name;
    private final byte[] hash;
    private int at;

    Prehashed(String name, int size) {
      this.name = name;
      this.hash = new byte[size];
    }

    @Override
    public String getAlgorithmName() {
      return name;
    }

    @Override
    public int getDigestSize() {
      return hash.length;
    }

    @Override
    public void update(byte in) {
      hash[at++] = in;
    }

    @Override
    public void update(byte[] in, int off, int len) {
      System.arraycopy(in, off, hash, at, len);
      at += len;
    }

    @Override
    public int doFinal(byte[] out, int off) {
      System.arraycopy(hash, 0, out, off, hash.length);
      reset();
      return hash.length;
    }

    @Override
    public void reset() {
      at = 0;
    }
  }
}
