package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.EngineException;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;

class CosignTest {
  private static final Digest DIGEST = Digest.sha256("ab".repeat(32));
  private static final Digest OTHER = Digest.sha256("cd".repeat(32));
  private static final String NAME = "registry.example.com/prod/app";

  @TempDir Path base;

  private static KeyPair pair(String kind) throws Exception {
    String algorithm = kind.startsWith("secp") ? "EC" : kind.startsWith("RSA") ? "RSA" : kind;
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (algorithm.equals("EC")) {
      generator.initialize(new ECGenParameterSpec(kind));
    } else if (algorithm.equals("RSA")) {
      generator.initialize(Integer.parseInt(kind.substring(3)));
    }
    return generator.generateKeyPair();
  }

  private static byte[] payload(Digest digest, String reference) {
    return ("{\"critical\":{\"identity\":{\"docker-reference\":\""
            + reference
            + "\"},\"image\":{\"docker-manifest-digest\":\""
            + digest
            + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static CosignSignature sign(KeyPair pair, byte[] payload) throws Exception {
    String algorithm =
        switch (pair.getPublic().getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(pair.getPrivate());
    signature.update(payload);
    return new CosignSignature(
        payload, Base64.getEncoder().encodeToString(signature.sign()), "sha256-ab.sig");
  }

  private TrustRig rig(KeyPair pair, String more) throws Exception {
    Files.createDirectories(base.resolve("local"));
    Files.writeString(
        base.resolve("local/prod.pub"),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
    return new TrustRig(base)
        .policy(
            "{\"prefix\":\"registry.example.com\",\"accept\":\"cosign\",\"keys\":[\"prod.pub\"]"
                + more
                + "}");
  }

  private static String refusal(TrustRig rig, CosignSignature... found) {
    try {
      rig.trust().judgeCosign(Subject.oci(NAME), List.of(OTHER, DIGEST), List.of(found));
      return "";
    } catch (EngineException e) {
      return e.why();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1", "Ed25519", "RSA2048"})
  void keys(String kind) throws Exception {
    KeyPair pair = pair(kind);
    TrustRig rig = rig(pair, "");
    CosignSignature good = sign(pair, payload(DIGEST, NAME + ":v1"));
    Verdict verdict = rig.trust().judgeCosign(Subject.oci(NAME), List.of(DIGEST), List.of(good));
    assertThat(verdict.kind()).isEqualTo(Verdict.Kind.COSIGN);
    assertThat(verdict.key()).startsWith("sha256:");
    assertThat(verdict.rule()).isEqualTo("registry.example.com");
    rig.trust().recheck(Subject.oci(NAME), verdict);
    assertThat(refusal(rig, sign(pair(kind), payload(DIGEST, NAME))))
        .contains("not made by any of the rule's keys");
    rig(pair(kind), "");
    assertThatThrownBy(() -> rig.trust().recheck(Subject.oci(NAME), verdict))
        .hasMessageContaining("is none of those in the rule");
  }

  @Test
  void everyFlippedBitIsNoticed() throws Exception {
    KeyPair pair = pair("secp256r1");
    TrustRig rig = rig(pair, "");
    CosignSignature good = sign(pair, payload(DIGEST, NAME));
    assertThat(refusal(rig, good)).isEmpty();
    for (int i = 0; i < good.payload().length; i++) {
      byte[] flipped = good.payload().clone();
      flipped[i] ^= 1;
      assertThat(refusal(rig, new CosignSignature(flipped, good.signature(), "s"))).isNotEmpty();
    }
    byte[] raw = Base64.getDecoder().decode(good.signature());
    for (int i = 0; i < raw.length; i++) {
      byte[] flipped = raw.clone();
      flipped[i] ^= 1;
      String text = Base64.getEncoder().encodeToString(flipped);
      assertThat(refusal(rig, new CosignSignature(good.payload(), text, "s"))).isNotEmpty();
    }
  }

  @Test
  void otherImagesAndOtherNames() throws Exception {
    KeyPair pair = pair("secp256r1");
    TrustRig rig = rig(pair, "");
    Digest third = Digest.sha256("ef".repeat(32));
    assertThat(refusal(rig, sign(pair, payload(third, NAME))))
        .contains("it is for another image: " + third);
    CosignSignature elsewhere = sign(pair, payload(DIGEST, "registry.example.com/dev/app"));
    assertThat(refusal(rig, elsewhere)).contains("which is another repository");
    CosignSignature nowhere = sign(pair, payload(DIGEST, ""));
    assertThat(refusal(rig, nowhere)).contains("it names no repository");
    String cased =
        new String(payload(DIGEST, NAME), StandardCharsets.UTF_8)
            .replace("docker-reference", "Docker-Reference");
    assertThat(refusal(rig, sign(pair, cased.getBytes(StandardCharsets.UTF_8))))
        .contains("it names no repository");
    TrustRig any = rig(pair, ",\"identity\":\"any\"");
    assertThat(refusal(any, elsewhere)).isEmpty();
    assertThat(refusal(any, nowhere)).isEmpty();
    assertThat(
            refusal(
                any,
                sign(
                    pair,
                    new String(payload(DIGEST, NAME), StandardCharsets.UTF_8)
                        .replace("\"critical\"", "\"Critical\"")
                        .getBytes(StandardCharsets.UTF_8))))
        .contains("malformed payload: no object");
  }

  @Test
  void oneGoodSignatureIsEnoughAndEachBadOneIsExplained() throws Exception {
    KeyPair pair = pair("Ed25519");
    TrustRig rig = rig(pair, "");
    CosignSignature good = sign(pair, payload(DIGEST, NAME));
    List<CosignSignature> bad = new ArrayList<>();
    bad.add(new CosignSignature(good.payload(), "!!", "first"));
    bad.add(new CosignSignature(new byte[0], good.signature(), "second"));
    bad.add(sign(pair, "not json".getBytes(StandardCharsets.UTF_8)));
    assertThat(refusal(rig, bad.toArray(CosignSignature[]::new)))
        .contains("first: the signature is not base64")
        .contains("second: not made by")
        .contains("sha256-ab.sig: malformed payload");
    bad.add(good);
    assertThat(refusal(rig, bad.toArray(CosignSignature[]::new))).isEmpty();
    assertThat(refusal(rig)).isEqualTo("no cosign signature found");
  }

  @Test
  void unusableKeys() throws Exception {
    KeyPair pair = pair("Ed25519");
    CosignSignature good = sign(pair, payload(DIGEST, NAME));
    TrustRig rig = rig(pair, "");
    Path key = base.resolve("local/prod.pub");
    for (String bad :
        new String[] {
          "",
          "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n-----END",
          "-----BEGIN PUBLIC KEY-----\nAAAA",
          "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
          Files.readString(key) + Files.readString(key),
        }) {
      Files.writeString(key, bad);
      assertThat(refusal(rig, good)).as(bad).contains("prod.pub");
    }
    rig(pair("RSA1024"), "");
    assertThat(refusal(rig, good)).contains("RSA keys of 1024 bits are not accepted");
    Files.delete(key);
    assertThat(refusal(rig, good)).contains("prod.pub does not exist");
  }

  @Test
  void evidenceComesBack() throws Exception {
    CosignSignature one = new CosignSignature(payload(DIGEST, NAME), "c2ln", "here");
    Evidence read = Evidence.parse(Evidence.cosign(List.of(one), List.of(DIGEST)).toJson());
    assertThat(read.cosign().getFirst().payload()).isEqualTo(one.payload());
    assertThat(read.digests()).containsExactly(DIGEST);
    assertThat(Evidence.parse(Evidence.pgp(new byte[] {1, 2}).toJson()).pgp())
        .isEqualTo(new byte[] {1, 2});
    assertThatThrownBy(() -> Evidence.parse("{\"kind\":\"pgp\"}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(EngineException.class);
  }
}
