package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.image.ImageString;
import rkt.pod.ManifestBuilder.FoundApp;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.AcName;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.appc.Mount;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;

class ManifestBuilderTest {
  private static final ImageId ID = new ImageId("sha512-" + "0123456789abcdef".repeat(4));

  private static ImageManifest image(String name) {
    return ImageManifest.of(new AcIdentifier(name))
        .withLabels(Labels.of(new Label("version", "1.0")))
        .withApp(App.of(List.of("/bin/app", "--flag"), "0", "0"));
  }

  private static AppRequest request() {
    return AppRequest.of(new ImageString.HashImage(ID.value()), ID.value());
  }

  private static FoundApp found(AppRequest request, ImageManifest manifest) {
    ImageRecord record =
        new ImageRecord(
            ID,
            ImageRecord.Kind.ACI,
            manifest.name(),
            manifest.labels(),
            0,
            0,
            0,
            false,
            Optional.empty(),
            List.of(),
            Verdict.unchecked("example.com/hello", 0));
    return new FoundApp(request, record, manifest);
  }

  private static PodManifest build(PodRequest request, FoundApp... apps) throws Exception {
    return ManifestBuilder.build(request, List.of(apps), 1000, 100);
  }

  @Test
  void namesAppsAfterTheirImages() throws Exception {
    PodManifest manifest =
        build(
            PodRequest.of(List.of()),
            found(request(), image("coreos.com/etcd")),
            found(request(), image("example.com/my_app")));
    assertThat(manifest.apps().get(0).name().value()).isEqualTo("etcd");
    assertThat(manifest.apps().get(1).name().value()).isEqualTo("my-app");
    assertThat(manifest.apps().get(0).image().id()).isEqualTo(ID);
    assertThat(manifest.apps().get(0).image().labels().get("version")).contains("1.0");
    assertThat(
            PodManifest.parse(manifest.toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo(manifest);
    assertThat(manifest.annotations().get("coreos.com/rkt/stage1/mutable")).contains("false");
  }

  @Test
  void refusesTwoAppsOfOneName() {
    assertThatThrownBy(() ->
            build(
                PodRequest.of(List.of()),
                found(request(), image("a/x")),
                found(request(), image("b/x"))))
        .hasMessageContaining("error: multiple apps with name x");
  }

  @Test
  void argsFollowTheImagesOrReplaceThemWithExec() throws Exception {
    AppRequest args = request().with(Optional.empty(), List.of("-v"));
    assertThat(exec(args, image("x"))).containsExactly("/bin/app", "--flag", "-v");
    AppRequest exec = request().with(Optional.of("/bin/sh"), List.of("-c", "true"));
    assertThat(exec(exec, image("x"))).containsExactly("/bin/sh", "-c", "true");
  }

  private static List<String> exec(AppRequest request, ImageManifest image) throws Exception {
    return build(PodRequest.of(List.of()), found(request, image))
        .apps()
        .get(0)
        .app()
        .orElseThrow()
        .exec();
  }

  @Test
  void anImageWithoutAppNeedsExecAndRunsAsTheCaller() throws Exception {
    ImageManifest bare = ImageManifest.of(new AcIdentifier("bare"));
    assertThatThrownBy(() -> build(PodRequest.of(List.of()), found(request(), bare)))
        .hasMessageContaining(
            "error: image "
                + ID.value()
                + " has no app section and --exec argument is not provided");
    RuntimeApp app =
        build(PodRequest.of(List.of()), found(request().with(Optional.of("/x"), List.of()), bare))
            .apps()
            .get(0);
    assertThat(app.app().orElseThrow().user()).isEqualTo("1000");
    assertThat(app.app().orElseThrow().group()).isEqualTo("100");
  }

  @Test
  void environmentFollowsTheAncestorsCode() {
    PodRequest pod =
        new PodRequest(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new EnvVar("A", "inherited"), new EnvVar("B", "inherited")),
            List.of(new EnvVar("C", "file"), new EnvVar("D", "file")),
            List.of(new EnvVar("D", "set")),
            Map.of(),
            Map.of(),
            Optional.empty(),
            true,
            List.of(),
            false);
    List<EnvVar> merged =
        ManifestBuilder.environment(
            pod,
            List.of(new EnvVar("A", "image"), new EnvVar("C", "image"), new EnvVar("E", "image")),
            List.of(new EnvVar("C", "app"), new EnvVar("E", "app"), new EnvVar("D", "app")));
    assertThat(merged)
        .containsExactlyInAnyOrder(
            new EnvVar("A", "image"),
            new EnvVar("B", "inherited"),
            new EnvVar("C", "file"),
            new EnvVar("D", "set"),
            new EnvVar("E", "app"));
  }

  @Test
  void isolatorFlagsReplaceOrAppend() {
    Isolator shares = Isolator.of(new IsolatorValue.CpuShares(1000));
    Isolator newShares = Isolator.of(new IsolatorValue.CpuShares(2000));
    Isolator retain = Isolator.of(new IsolatorValue.CapabilitiesRetain(List.of("CAP_KILL")));
    Isolator remove = Isolator.of(new IsolatorValue.CapabilitiesRemove(List.of("CAP_CHOWN")));
    assertThat(ManifestBuilder.isolators(List.of(shares, retain), List.of(remove, newShares)))
        .containsExactly(remove, newShares);
    assertThat(ManifestBuilder.isolators(List.of(shares), List.of(retain)))
        .containsExactly(shares, retain);
  }

  @Test
  void theFirstMountOfATargetCounts() {
    Mount own = new Mount(new AcName("a"), "/data");
    Mount wide = new Mount(new AcName("b"), "/data/");
    Mount other = new Mount(new AcName("b"), "/other");
    assertThat(ManifestBuilder.mounts(List.of(own), List.of(wide, other)))
        .containsExactly(own, other);
  }

  @Test
  void pathsAreCleanedTextually() {
    assertThat(ManifestBuilder.cleanPath("/a//b/./c/../d/")).isEqualTo("/a/b/d");
    assertThat(ManifestBuilder.cleanPath("/../..")).isEqualTo("/");
  }
}
