package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.EngineException;
import rkt.schema.trust.Verdict;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/** Keys and signatures as people make them: with GnuPG. */
@EnabledIf("rkt.trust.Gpg#installed")
class GpgKeysTest {
  private static final String PAST = "--faked-system-time=20200101T000000!";
  private static final String NAME = "example.com/app";

  private static Gpg gpg;
  private static String plain;

  @TempDir Path base;

  @BeforeAll
  static void start() throws Exception {
    gpg = new Gpg();
    plain = gpg.generate("Plain <plain@example.com>", "ed25519", "sign");
  }

  @AfterAll
  static void stop() throws IOException {
    gpg.close();
  }

  private TrustRig rig(String... keys) throws Exception {
    TrustRig rig = new TrustRig(base);
    for (String key : keys) {
      rig.key(true, "example.com", key, gpg.export(key));
    }
    return rig;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rsa2048",
        "rsa3072",
        "dsa2048",
        "nistp256",
        "nistp384",
        "ed25519",
        "brainpoolP256r1"
      })
  void algorithms(String algorithm) throws Exception {
    String key = gpg.generate(algorithm + " <k@example.com>", algorithm, "sign");
    Verdict verdict = rig(key).judge(NAME, gpg.sign(TrustRig.IMAGE, key, "--armor"));
    assertThat(verdict.key()).isEqualTo(key);
    assertThat(verdict.kind()).isEqualTo(Verdict.Kind.PGP);
    assertThat(verdict.subject()).isEqualTo(NAME);
    assertThat(verdict.identities()).containsExactly(algorithm + " <k@example.com>");
  }

  @Test
  void armoredAndBinaryAndText() throws Exception {
    byte[] lines = "one\ntwo\r\nthree\n".getBytes(StandardCharsets.UTF_8);
    TrustRig rig = rig(plain);
    for (String[] options :
        new String[][] {{}, {"--armor"}, {"--textmode"}, {"--digest-algo", "SHA512"}}) {
      byte[] signature = gpg.sign(lines, plain, options);
      assertThat(rig.refusal(NAME, lines, signature)).isEmpty();
      assertThat(rig.refusal(NAME, signature)).startsWith("openpgp: invalid signature");
    }
  }

  @Test
  void signingSubkeyVouchesForItsPrimaryKey() throws Exception {
    String key = gpg.generate("Sub <sub@example.com>", "ed25519", "cert");
    gpg.run("--quick-add-key", key, "ed25519", "sign");
    gpg.run("--quick-add-key", key, "cv25519", "encr");
    Verdict verdict = rig(key).judge(NAME, gpg.sign(TrustRig.IMAGE, key));
    assertThat(verdict.key()).isEqualTo(key);
    PgpKey read = PgpKey.parse(gpg.export(key), Instant.now());
    assertThat(read.problem()).isEmpty();
    assertThat(read.primary().signs()).isFalse();
    assertThat(read.subkeys()).extracting(PgpKey.Component::signs).containsExactly(true, false);
  }

  @Test
  void expiredKey() throws Exception {
    String key = gpg.generate("Old <old@example.com>", "ed25519", "sign", PAST);
    gpg.run("--faked-system-time=20200101T000100!", "--quick-set-expire", key, "20200201T000000");
    byte[] signature = gpg.sign(TrustRig.IMAGE, key, "--faked-system-time=20200102T000000!");
    TrustRig rig = rig(key);
    assertThat(rig.refusal(NAME, signature)).startsWith("openpgp: the key expired on 2020-02-01");
    rig.now = Instant.parse("2020-01-15T00:00:00Z");
    assertThat(rig.refusal(NAME, signature)).isEmpty();
    assertThat(PgpKey.parse(gpg.export(key), Instant.now()).problem()).contains("expired");
  }

  @Test
  void expiredSubkey() throws Exception {
    String key = gpg.generate("OldSub <oldsub@example.com>", "ed25519", "cert", PAST);
    gpg.run(PAST, "--quick-add-key", key, "ed25519", "sign", "20200201T000000");
    byte[] signature = gpg.sign(TrustRig.IMAGE, key, "--faked-system-time=20200102T000000!");
    assertThat(rig(key).refusal(NAME, signature)).contains("the subkey expired on 2020-02-01");
  }

  @Test
  void revokedKey() throws Exception {
    String key = gpg.generate("Gone <gone@example.com>", "ed25519", "sign");
    byte[] signature = gpg.sign(TrustRig.IMAGE, key);
    TrustRig rig = rig(key);
    Verdict before = rig.judge(NAME, signature);
    gpg.revoke(key);
    rig.key(true, "example.com", key, gpg.export(key));
    assertThat(rig.refusal(NAME, signature)).startsWith("openpgp: the key was revoked on ");

    rig.trust().recheck(Subject.aci(NAME), before);
    rig.policy("{\"prefix\":\"example.com\",\"accept\":\"pgp\"}");
    assertThat(recheck(rig, before)).contains("the key was revoked on ");
  }

  private static String recheck(TrustRig rig, Verdict verdict) {
    try {
      rig.trust().recheck(Subject.aci(NAME), verdict);
      return "";
    } catch (EngineException e) {
      return e.why();
    }
  }

  @Test
  void expiredSignature() throws Exception {
    String key = gpg.generate("SigExp <sigexp@example.com>", "ed25519", "sign", PAST);
    byte[] signature = gpg.sign(TrustRig.IMAGE, key, PAST, "--default-sig-expire=5d");
    assertThat(rig(key).refusal(NAME, signature))
        .startsWith("openpgp: the signature expired on 2020-01-06");
  }

  @Test
  void signatureFromTheFutureAndBeforeItsKey() throws Exception {
    TrustRig rig = rig(plain);
    byte[] signature = gpg.sign(TrustRig.IMAGE, plain);
    rig.now = Instant.now().minus(Duration.ofDays(1));
    assertThat(rig.refusal(NAME, signature)).isNotEmpty();
    String late =
        gpg.generate(
            "Late <late@example.com>", "ed25519", "sign", "--faked-system-time=20300101T000000!");
    byte[] future = gpg.sign(TrustRig.IMAGE, late, "--faked-system-time=20310101T000000!");
    TrustRig later = rig(late);
    later.now = Instant.parse("2030-06-01T00:00:00Z");
    assertThat(later.refusal(NAME, future)).startsWith("openpgp: the signature is from the future");
  }

  @Test
  void sha1IsRefused() throws Exception {
    String key = gpg.generate("Weak <weak@example.com>", "rsa2048", "sign");
    byte[] signature =
        gpg.sign(TrustRig.IMAGE, key, "--digest-algo", "SHA1", "--allow-weak-digest-algos");
    assertThat(rig(key).refusal(NAME, signature))
        .startsWith("openpgp: signed with the broken hash algorithm SHA-1");
  }

  @Test
  void weakKeyIsRefusedAndDisturbsNobody() throws Exception {
    String weak = gpg.generate("Small <small@example.com>", "rsa1024", "sign");
    TrustRig rig = rig(weak, plain);
    assertThat(rig.refusal(NAME, gpg.sign(TrustRig.IMAGE, weak)))
        .startsWith("openpgp: RSA keys of 1024 bits are too weak");
    assertThat(rig.refusal(NAME, gpg.sign(TrustRig.IMAGE, plain))).isEmpty();
  }

  @Test
  void unknownSignerAndSeveralSignatures() throws Exception {
    String stranger = gpg.generate("Stranger <s@example.com>", "ed25519", "sign");
    byte[] theirs = gpg.sign(TrustRig.IMAGE, stranger);
    byte[] ours = gpg.sign(TrustRig.IMAGE, plain);
    TrustRig rig = rig(plain);
    assertThat(rig.refusal(NAME, theirs))
        .startsWith("openpgp: signature made by unknown entity: it is by key ");
    assertThat(rig.refusal(NAME, theirs))
        .containsIgnoringCase("it is by key " + stranger)
        .contains("; trusted for this name: 1 key (" + base)
        .contains("/" + plain + ")");
    byte[] both = java.util.Arrays.copyOf(theirs, theirs.length + ours.length);
    System.arraycopy(ours, 0, both, theirs.length, ours.length);
    assertThat(rig.judge(NAME, both).key()).isEqualTo(plain);
    rig.trust().checkIssuer(Subject.aci(NAME), both);
    String blocks =
        new String(gpg.sign(TrustRig.IMAGE, stranger, "--armor"), StandardCharsets.UTF_8)
            + new String(gpg.sign(TrustRig.IMAGE, plain, "--armor"), StandardCharsets.UTF_8);
    assertThat(rig.judge(NAME, blocks.getBytes(StandardCharsets.UTF_8)).key()).isEqualTo(plain);
  }

  @Test
  void everyFlippedBitOfASignatureIsNoticed() throws Exception {
    byte[] signature = gpg.sign(TrustRig.IMAGE, plain);
    TrustRig rig = rig(plain);
    int unsigned = 0;
    for (int i = 0; i < signature.length * 8; i++) {
      byte[] flipped = signature.clone();
      flipped[i / 8] ^= (byte) (1 << (i % 8));
      // Only the hint about who made it is not signed.
      unsigned += rig.refusal(NAME, flipped).isEmpty() ? 1 : 0;
    }
    assertThat(unsigned).isLessThanOrEqualTo(10 * 8);
    for (int i = 0; i < TrustRig.IMAGE.length * 8; i++) {
      byte[] flipped = TrustRig.IMAGE.clone();
      flipped[i / 8] ^= (byte) (1 << (i % 8));
      assertThat(rig.refusal(NAME, flipped, signature)).isNotEmpty();
    }
  }

  @Test
  void cutKeysAndSignaturesAreRefusals() throws Exception {
    byte[] signature = gpg.sign(TrustRig.IMAGE, plain);
    byte[] key = gpg.run("--export", plain);
    TrustRig rig = rig(plain);
    for (int length = 0; length < signature.length; length++) {
      assertThat(rig.refusal(NAME, java.util.Arrays.copyOf(signature, length))).isNotEmpty();
    }
    for (int length = 0; length < key.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(key, length);
      try {
        assertThat(PgpKey.parse(cut, Instant.now()).problem()).isNotEmpty();
      } catch (OpenPgpException e) {
        assertThat(e.why()).startsWith("openpgp: ");
      }
    }
  }

  @Test
  void onlyTheFirstKeyOfAFileCounts() throws Exception {
    String second = gpg.generate("Second <2@example.com>", "ed25519", "sign");
    byte[] both =
        (new String(gpg.export(plain), StandardCharsets.UTF_8)
                + new String(gpg.export(second), StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    TrustRig rig = new TrustRig(base).key(true, "example.com", plain, both);
    assertThat(rig.refusal(NAME, gpg.sign(TrustRig.IMAGE, plain))).isEmpty();
    assertThat(rig.refusal(NAME, gpg.sign(TrustRig.IMAGE, second)))
        .startsWith("openpgp: signature made by unknown entity: it is by key ");
  }

  @Test
  void privateKeyIsNoPublicKey() throws Exception {
    byte[] secret = gpg.run("--armor", "--export-secret-keys", plain);
    assertThat(failure(secret)).contains("this is a private key");
    assertThat(failure(gpg.run("--export-secret-keys", plain))).contains("this is a private key");
  }

  private static String failure(byte[] key) {
    try {
      PgpKey.parse(key, Instant.now());
      return "";
    } catch (OpenPgpException e) {
      return e.why();
    }
  }

  @Test
  void identitiesThatWereTakenBackAreNotShown() throws Exception {
    String key =
        gpg.generate(
            "First <1@example.com>", "ed25519", "sign", "--faked-system-time=20210101T000000!");
    gpg.run(
        "--faked-system-time=20210102T000000!", "--quick-add-uid", key, "Other <o@example.com>");
    gpg.run(
        "--faked-system-time=20210103T000000!", "--quick-revoke-uid", key, "First <1@example.com>");
    assertThat(PgpKey.parse(gpg.export(key), Instant.now()).identities())
        .isEqualTo(List.of("Other <o@example.com>"));
  }
}
