package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOptions;
import rkt.image.Platforms;
import rkt.image.PullPolicy;
import rkt.image.oci.Digests;
import rkt.image.registry.FakeRegistry.Layer;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Evidence;
import rkt.trust.Subject;
import rkt.trust.Trust;

/** Which signatures are found beside an image, and that nothing is downloaded before a verdict. */
@Timeout(60)
class SignaturesTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String HERE = "linux/" + Platforms.host().architecture();
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          2,
          Duration.ofMillis(5),
          3);

  @TempDir private Path directory;
  private final FakeRegistry registry = new FakeRegistry();
  private final Judge judge = new Judge();
  private ScriptedServer server;
  private ImageStore store;
  private Layer layer;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer(registry);
    store = ImageStore.open(directory.resolve("cas"), Kernel.linux());
    layer = Layer.gzip(Tars.of("x"));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** Demands what the test says, remembers what it was shown, and is content or not. */
  private static final class Judge implements Trust {
    private Demand demand = new Demand.Cosign("r");
    private boolean content = true;
    private final List<CosignSignature> shown = new ArrayList<>();
    private final List<Digest> digests = new ArrayList<>();

    @Override
    public Demand demand(Subject subject) {
      return demand;
    }

    @Override
    public Verdict judgeCosign(Subject subject, List<Digest> named, List<CosignSignature> found)
        throws EngineException {
      shown.addAll(found);
      digests.addAll(named);
      if (!content) {
        throw EngineException.of(ErrorCode.REFUSED, "verify " + subject.name(), "no key fits");
      }
      return new Verdict(Verdict.Kind.COSIGN, subject.name(), "r", "sha256:key", List.of("me"), 1);
    }

    @Override
    public boolean hasKeysFor(String name) {
      return false;
    }

    @Override
    public void checkIssuer(Subject subject, byte[] signature) {}

    @Override
    public Verdict judgePgp(Subject subject, InputStream signed, byte[] signature) {
      throw new AssertionError("no OpenPGP here");
    }

    @Override
    public void recheck(Subject subject, Verdict earlier) {}
  }

  private ImageRecord pull() throws EngineException {
    FetchOptions options =
        new FetchOptions(
                InsecureOptions.parse("http"),
                PullPolicy.UPDATE,
                Diagnostics.SILENT,
                "rkt/test",
                QUICK)
            .withTrust(judge);
    DockerReference reference = DockerReference.parse(server.host() + "/a/b:t");
    return new RegistryImages(store, options)
        .pull(reference, "docker://x", "docker://" + reference.canonical());
  }

  private String signature(String... signatures) {
    StringBuilder layers = new StringBuilder();
    for (String one : signatures) {
      byte[] payload = ("payload of " + one).getBytes(StandardCharsets.UTF_8);
      layers
          .append(layers.isEmpty() ? "" : ",")
          .append("{\"mediaType\":\"" + PAYLOAD + "\",\"digest\":\"")
          .append(registry.addBlob(payload))
          .append("\",\"size\":" + payload.length)
          .append(",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + one + "\"}}");
    }
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    return "{\"schemaVersion\":2,\"mediaType\":\""
        + MANIFEST
        + "\",\"config\":"
        + FakeRegistry.descriptor(
            "application/vnd.oci.image.config.v1+json", registry.addBlob(config), 2, "")
        + ",\"layers\":["
        + layers
        + "]}";
  }

  private static String tag(Digest digest) {
    return "sha256-" + digest.hex();
  }

  @Test
  void signaturesBesideTheManifestAreShownToTheJudgeAndKept() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    registry.addManifest(tag(image) + ".sig", MANIFEST, signature("one", "two"));
    ImageRecord record = pull();
    assertThat(judge.digests).containsExactly(image);
    assertThat(judge.shown).extracting(CosignSignature::signature).containsExactly("one", "two");
    assertThat(judge.shown.getFirst().origin())
        .isEqualTo("docker://" + server.host() + "/a/b:" + tag(image) + ".sig");
    assertThat(record.verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
    assertThat(Evidence.parse(store.evidence(record.id()).orElseThrow()).cosign())
        .extracting(CosignSignature::signature)
        .containsExactly("one", "two");
  }

  @Test
  void anIndexAndItsManifestMayBothBeSigned() throws Exception {
    Digest mine = registry.addImage("mine", HERE, layer);
    Digest index =
        registry.addManifest(
            "t",
            INDEX,
            "{\"schemaVersion\":2,\"manifests\":["
                + FakeRegistry.descriptor(MANIFEST, mine, registry.manifestSize(mine), HERE)
                + "]}");
    registry.addManifest(tag(index) + ".sig", MANIFEST, signature("of-index"));
    registry.addManifest(tag(mine) + ".sig", MANIFEST, signature("of-manifest"));
    pull();
    assertThat(judge.digests).containsExactly(index, mine);
    assertThat(judge.shown)
        .extracting(CosignSignature::signature)
        .containsExactly("of-index", "of-manifest");
  }

  @Test
  void referrersAreReadFromTheFallbackTag() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    Digest signature = registry.addManifest("unnamed", MANIFEST, signature("referrer"));
    String artifact = "\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\"";
    registry.addManifest(
        tag(image),
        INDEX,
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\""
            + MANIFEST
            + "\",\"digest\":\""
            + signature
            + "\",\"size\":1,"
            + artifact
            + "},{\"mediaType\":\"x\",\"digest\":\"sha256:"
            + "0".repeat(64)
            + "\",\"size\":1,\"artifactType\":\"application/spdx+json\"}]}");
    pull();
    assertThat(judge.shown).extracting(CosignSignature::signature).containsExactly("referrer");
  }

  @Test
  void aRefusalComesBeforeAnyLayerAndLeavesNothing() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    registry.addManifest(tag(image) + ".sig", MANIFEST, signature("bad"));
    judge.content = false;
    assertThatThrownBy(this::pull).hasMessageContaining("no key fits");
    String blob = Digests.of("sha256", layer.packed()).toString();
    assertThat(server.requests()).noneMatch(request -> request.target().endsWith(blob));
    assertThat(store.list()).isEmpty();
  }

  @Test
  void anImageThatIsStoredIsJudgedAgain() throws Exception {
    judge.demand = new Demand.Nothing(Verdict.unchecked("x", 0));
    registry.addImage("t", HERE, layer);
    assertThat(pull().verdict().kind()).isEqualTo(Verdict.Kind.UNCHECKED);
    assertThat(judge.shown).isEmpty();
    judge.demand = new Demand.Cosign("r");
    ImageRecord again = pull();
    assertThat(again.verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
    assertThat(store.get(again.id()).orElseThrow().verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
    judge.content = false;
    assertThatThrownBy(this::pull).hasMessageContaining("no key fits");
  }

  @Test
  void oddSignaturesArePassedOver() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    registry.addManifest(tag(image) + ".sig", MANIFEST, signature("a".repeat(10_000), "good"));
    registry.addManifest(tag(image), INDEX, "{\"manifests\":[{\"artifactType\":7}]}");
    pull();
    assertThat(judge.shown).extracting(CosignSignature::signature).containsExactly("good");
  }

  @Test
  void signaturesAreBoundedInNumber() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    String[] many = new String[100];
    for (int i = 0; i < many.length; i++) {
      many[i] = "s" + i;
    }
    registry.addManifest(tag(image) + ".sig", MANIFEST, signature(many));
    pull();
    assertThat(judge.shown).hasSize(32);
  }

  @Test
  void aPayloadWithOtherBytesIsAnError() throws Exception {
    Digest image = registry.addImage("t", HERE, layer);
    registry.addManifest(tag(image) + ".sig", MANIFEST, signature("one"));
    byte[] payload = "payload of one".getBytes(StandardCharsets.UTF_8);
    registry.corrupt(
        Digests.of("sha256", payload), "payload of two".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("payload");
  }

  @Test
  void aPolicyThatWantsOpenPgpRefuses() throws Exception {
    registry.addImage("t", HERE, layer);
    judge.demand = new Demand.Pgp("r");
    assertThatThrownBy(this::pull).hasMessageContaining("OpenPGP");
  }
}
