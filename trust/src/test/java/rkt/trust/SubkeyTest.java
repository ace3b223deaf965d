package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.trust.pgp.PgpKey;

/** Keys that no honest program makes. */
class SubkeyTest {
  private static final int ED25519 = PublicKeyAlgorithmTags.EDDSA_LEGACY;

  @TempDir Path base;

  private static PGPKeyPair pair() throws PGPException {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
    return new BcPGPKeyPair(
        PublicKeyPacket.VERSION_4,
        ED25519,
        generator.generateKeyPair(),
        Date.from(Instant.now().minusSeconds(60)));
  }

  private static BcPGPContentSignerBuilder signer(int hash) {
    return new BcPGPContentSignerBuilder(ED25519, hash);
  }

  private static PGPSignatureSubpacketVector flags(int flags) {
    PGPSignatureSubpacketGenerator generator = new PGPSignatureSubpacketGenerator();
    generator.setKeyFlags(false, flags);
    return generator.generate();
  }

  private static PGPKeyRingGenerator ring(PGPKeyPair primary, int flags) throws PGPException {
    return new PGPKeyRingGenerator(
        PGPSignature.POSITIVE_CERTIFICATION,
        primary,
        "Mallory <m@example.com>",
        new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
        flags(flags),
        null,
        signer(HashAlgorithmTags.SHA512),
        null);
  }

  private static byte[] sign(PGPKeyPair by, int hash, int type) throws Exception {
    PGPSignatureGenerator generator = new PGPSignatureGenerator(signer(hash), by.getPublicKey());
    generator.init(type, by.getPrivateKey());
    generator.update(TrustRig.IMAGE);
    return generator.generate().getEncoded();
  }

  private static byte[] sign(PGPKeyPair by) throws Exception {
    return sign(by, HashAlgorithmTags.SHA512, PGPSignature.BINARY_DOCUMENT);
  }

  private TrustRig trusting(PGPKeyRingGenerator ring) throws Exception {
    byte[] key = ring.generatePublicKeyRing().getEncoded();
    String fingerprint = PgpKey.parse(key, Instant.now()).fingerprint();
    return new TrustRig(base).key(true, "example.com", fingerprint, key);
  }

  @Test
  void somebodyElsesKeyIsNoSubkey() throws Exception {
    PGPKeyPair primary = pair();
    PGPKeyPair victim = pair();
    PGPKeyRingGenerator adopting = ring(primary, KeyFlags.CERTIFY_OTHER);
    adopting.addSubKey(victim, flags(KeyFlags.SIGN_DATA), null);
    assertThat(trusting(adopting).refusal("example.com", sign(victim)))
        .startsWith("openpgp: the subkey does not certify the key it belongs to");

    PGPKeyRingGenerator honest = ring(primary, KeyFlags.CERTIFY_OTHER);
    honest.addSubKey(victim, flags(KeyFlags.SIGN_DATA), null, signer(HashAlgorithmTags.SHA512));
    assertThat(trusting(honest).refusal("example.com", sign(victim))).isEmpty();
  }

  @Test
  void keysSignWhatTheyAreMeantToSign() throws Exception {
    PGPKeyPair primary = pair();
    TrustRig rig = trusting(ring(primary, KeyFlags.CERTIFY_OTHER));
    assertThat(rig.refusal("example.com", sign(primary)))
        .startsWith("openpgp: the key is not meant for signing");
    TrustRig signing = trusting(ring(primary, KeyFlags.SIGN_DATA));
    assertThat(signing.refusal("example.com", sign(primary))).isEmpty();
    for (int weak : new int[] {HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1}) {
      assertThat(signing.refusal("example.com", sign(primary, weak, PGPSignature.BINARY_DOCUMENT)))
          .contains("broken hash algorithm");
    }
    assertThat(
            signing.refusal(
                "example.com", sign(primary, HashAlgorithmTags.SHA256, PGPSignature.STAND_ALONE)))
        .contains("not a signature over a file");
  }
}
