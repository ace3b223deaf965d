package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Cosign;
import rkt.tests.harness.Layout;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;

/** Signed images in a real registry, under a policy, without any insecure option for images. */
class RegistrySignatureTest {
  private static final String HTTP = "--insecure-options=http";

  private Rkt rkt;
  private Registry registry;
  private String digest;
  private final Cosign signer = Cosign.fresh();

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    registry = Registry.start(rkt);
    registry.push(Layout.make(rkt).source(), "prod/app:1", "--format=oci");
    digest =
        Rkt.exec(
                "skopeo",
                "inspect",
                "--tls-verify=false",
                "--format",
                "{{.Digest}}",
                "docker://" + registry.host() + "/prod/app:1")
            .ok()
            .out()
            .trim();
  }

  @AfterEach
  void tearDown() {
    registry.close();
    rkt.close();
  }

  private String ref() {
    return "docker://" + registry.host() + "/prod/app:1";
  }

  private void policy(String rule) throws IOException {
    Path file = rkt.config().resolve("policy.json");
    Files.writeString(
        file,
        ("{'rktKind':'policy','rktVersion':'v1','rules':[{'prefix':'"
                + registry.host()
                + "/prod',"
                + rule
                + "}]}")
            .replace('\'', '"'));
  }

  private void cosignPolicy(Cosign trusted) throws IOException {
    trusted.publish(rkt.config().resolve("keys/prod.pub"));
    policy("'accept':'cosign','keys':['keys/prod.pub']");
  }

  private void refused(String... why) {
    assertThat(rkt.run(HTTP, "fetch", ref()).exited(254).err()).contains(why);
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void aSignedImageRunsWithoutAnyInsecureOption() throws IOException {
    cosignPolicy(signer);
    signer.sign(registry, "prod/app", digest);
    String id = rkt.run(HTTP, "fetch", "--full", ref()).ok().out().trim();
    assertThat(id).isEqualTo(digest.replace(':', '-'));
    assertThat(rkt.run("run", "--net=none", ref()).ok().out()).isEqualTo("hello\n");
    // The signature goes along to another registry, and is good there too.
    String copy = "docker://" + registry.host() + "/prod/copy:1";
    rkt.run(HTTP, "image", "push", "--signatures", id, copy).ok();
    rkt.run("image", "rm", id).ok();
    // It names the repository it was made for, and counts elsewhere only if the policy says so.
    assertThat(rkt.run(HTTP, "fetch", copy).exited(254).err()).contains("another repository");
    policy("'accept':'cosign','keys':['keys/prod.pub'],'identity':'any'");
    rkt.run(HTTP, "fetch", copy).ok();
  }

  @Test
  void whatNobodyOrSomebodyElseSignedIsRefused() throws IOException {
    refused("trust policy");
    cosignPolicy(signer);
    refused(registry.host() + "/prod/app");
    Cosign.fresh().sign(registry, "prod/app", digest);
    refused(registry.host() + "/prod/app");
  }

  @Test
  void aSignatureOfAnotherImageIsRefused() throws IOException {
    cosignPolicy(signer);
    // Pushed beside this image, but it names another one.
    String other = "sha256:" + "0".repeat(64);
    signer.sign(registry, "prod/app", other);
    Rkt.exec(
            "skopeo",
            "copy",
            "--quiet",
            "--insecure-policy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "docker://" + registry.host() + "/prod/app:" + other.replace(':', '-') + ".sig",
            "docker://" + registry.host() + "/prod/app:" + digest.replace(':', '-') + ".sig")
        .ok();
    refused(registry.host() + "/prod/app");
  }

  @Test
  void anUnsignedPrefixNeedsNoInsecureOption() throws IOException {
    policy("'accept':'unsigned'");
    rkt.run(HTTP, "fetch", ref()).ok();
    policy("'accept':'nothing'");
    refusedStored();
  }

  @Test
  void aStricterPolicyHoldsForWhatIsStored() throws IOException {
    rkt.insecure("fetch", ref()).ok();
    cosignPolicy(signer);
    refusedStored();
    assertThat(rkt.run(HTTP, "fetch", ref()).exited(254).err())
        .contains(registry.host() + "/prod/app");
    signer.sign(registry, "prod/app", digest);
    rkt.run(HTTP, "fetch", ref()).ok();
    assertThat(rkt.run("run", "--net=none", ref()).ok().out()).isEqualTo("hello\n");
  }

  private void refusedStored() {
    assertThat(rkt.run("run", "--net=none", ref()).exited(254).err()).contains("policy");
  }
}
