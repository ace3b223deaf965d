package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Layouts under a trust policy: signed as cosign signs, or from a place that may be unsigned. */
class LayoutTrustTest {
  private Rkt rkt;
  private Path layout;
  private KeyPair key;

  @BeforeEach
  void setUp() throws GeneralSecurityException {
    rkt = new Rkt();
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/umoci")), "umoci is not installed");
    layout = rkt.home().resolve("lay");
    Path bundle = rkt.home().resolve("bundle");
    Rkt.exec("umoci", "init", "--layout", layout.toString()).ok();
    Rkt.exec("umoci", "new", "--image", layout + ":v1").ok();
    Rkt.exec("umoci", "unpack", "--image", layout + ":v1", bundle.toString()).ok();
    Images.rootfs(bundle.resolve("rootfs"));
    Rkt.exec("umoci", "repack", "--image", layout + ":v1", bundle.toString()).ok();
    Rkt.exec("umoci", "gc", "--layout", layout.toString()).ok();
    key = fresh();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static KeyPair fresh() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private void trust(KeyPair trusted, String rule) throws IOException {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(trusted.getPublic().getEncoded());
    Files.writeString(
        rkt.config().resolve("prod.pub"),
        "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n");
    Files.writeString(
        rkt.config().resolve("policy.json"),
        "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":[" + rule + "]}");
  }

  private String cosignRule() {
    return "{\"prefix\":\"oci:" + layout + "\",\"accept\":\"cosign\",\"keys\":[\"prod.pub\"]}";
  }

  private static String digest(byte[] bytes) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private String blob(String type, byte[] bytes, String more)
      throws IOException, GeneralSecurityException {
    String hex = digest(bytes);
    Files.write(layout.resolve("blobs/sha256").resolve(hex), bytes);
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\"sha256:"
        + hex
        + "\",\"size\":"
        + bytes.length
        + more
        + "}";
  }

  /** As a registry's signatures are copied into a layout. */
  private void sign() throws IOException, GeneralSecurityException {
    Path indexFile = layout.resolve("index.json");
    String index = Files.readString(indexFile);
    int at = index.indexOf("\"digest\":\"sha256:") + "\"digest\":\"sha256:".length();
    String image = index.substring(at, at + 64);
    byte[] payload =
        ("{\"critical\":{\"identity\":{\"docker-reference\":\"\"},\"image\":{\"docker-manifest-digest\":\"sha256:"
                + image
                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
            .getBytes(StandardCharsets.UTF_8);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    signature.update(payload);
    String signed = Base64.getEncoder().encodeToString(signature.sign());
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
            + blob(
                "application/vnd.oci.image.config.v1+json",
                "{}".getBytes(StandardCharsets.UTF_8),
                "")
            + ",\"layers\":["
            + blob(
                "application/vnd.dev.cosign.simplesigning.v1+json",
                payload,
                ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signed + "\"}")
            + "]}";
    String entry =
        blob(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.getBytes(StandardCharsets.UTF_8),
            ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"sha256-"
                + image
                + ".sig\"}");
    Files.writeString(indexFile, index.substring(0, index.lastIndexOf("]")) + "," + entry + "]}");
  }

  @Test
  void aSignedLayoutNeedsNoInsecureOption() throws Exception {
    trust(key, cosignRule());
    assertThat(rkt.run("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("no cosign signature found");
    sign();
    String id = rkt.run("fetch", "oci:" + layout + ":v1").ok().out().strip();
    rkt.run("image", "rm", id).ok();
    trust(fresh(), cosignRule());
    assertThat(rkt.run("fetch", "oci:" + layout + ":v1").exited(254).err())
        .contains("not made by any of the rule's keys");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  /** One flipped bit in any file of the image or its signature. */
  @Test
  void everyFileOfASignedLayoutCounts() throws Exception {
    trust(key, cosignRule());
    sign();
    List<Path> blobs;
    try (var list = Files.list(layout.resolve("blobs/sha256"))) {
      blobs = list.toList();
    }
    assertThat(blobs).hasSizeGreaterThan(4);
    for (Path blob : blobs) {
      byte[] good = Files.readAllBytes(blob);
      // The signature manifest's own configuration, "{}", says nothing and is not read.
      if (good.length > 2) {
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(blob, bad);
        Rkt.Result result = rkt.run("fetch", "oci:" + layout + ":v1");
        assertThat(result.exit()).as(blob + "\n" + result.all()).isEqualTo(254);
        Files.write(blob, good);
      }
    }
    rkt.run("fetch", "oci:" + layout + ":v1").ok();
  }

  @Test
  void signaturesComeAlongOnExport() throws Exception {
    trust(key, cosignRule());
    sign();
    String id = rkt.run("fetch", "oci:" + layout + ":v1").ok().out().strip();
    String exported = rkt.home().resolve("exported").toString();
    rkt.run("image", "export", "--type=oci", id, exported).ok();
    rkt.run("image", "rm", id).ok();
    trust(
        key, "{\"prefix\":\"oci:" + exported + "\",\"accept\":\"cosign\",\"keys\":[\"prod.pub\"]}");
    assertThat(rkt.run("fetch", "oci:" + exported).ok().out().strip()).isEqualTo(id);
  }

  @Test
  void aPlaceMayBeAllowedToBeUnsigned() throws Exception {
    trust(key, "{\"prefix\":\"oci:" + layout + "\",\"accept\":\"unsigned\"}");
    rkt.run("fetch", "oci:" + layout + ":v1").ok();
    Path link = Files.createSymbolicLink(rkt.home().resolve("link"), layout);
    trust(key, "{\"prefix\":\"oci:" + link + "\",\"accept\":\"unsigned\"}");
    assertThat(rkt.run("fetch", "oci:" + link + ":v1").exited(254).err()).contains("oci:" + layout);
  }
}
