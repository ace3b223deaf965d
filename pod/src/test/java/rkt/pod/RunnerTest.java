package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Errno;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;
import rkt.stage1.PodSpec;
import rkt.testkit.RecordingKernel;

class RunnerTest {
  @TempDir private Path base;
  private final RecordingKernel kernel = new RecordingKernel();

  private void assertNoPods(Rig rig) {
    for (PodDirectory directory : PodDirectory.values()) {
      assertThat(rig.data.resolve("pods").resolve(directory.dirName())).isEmptyDirectory();
    }
    assertThat(kernel.openDescriptors()).isEmpty();
  }

  @Test
  void aTrainingRunGoesTheWholeWayAndLeavesNothing() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    rig.runner.run(Rig.run());
    assertNoPods(rig);
    PodSpec spec = rig.flavor.planned.get(0);
    assertThat(spec.hostname()).isEqualTo("rkt-" + spec.uuid().value());
    assertThat(spec.podDir()).isEqualTo(rig.data.resolve("pods/run/" + spec.uuid().value()));
    assertThat(spec.apps().get(0).name()).isEqualTo("hello");
    assertThat(rig.said.debug).contains("Writing pod manifest");
  }

  @Test
  void mountsInAPrivateNamespaceBeforeAnythingElse() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    rig.runner.run(Rig.run());
    List<String> texts =
        kernel
            .journal()
            .texts("unshare", "mount", "chdir", "resetSignals", "closeRangeCloexec", "setCloexec");
    String pod = rig.flavor.planned.get(0).podDir().toString();
    assertThat(texts.get(0)).startsWith("unshare");
    assertThat(texts.get(1)).contains("none, /, null");
    assertThat(texts.get(2)).contains("overlay").contains("lowerdir=" + base.resolve("layer"));
    assertThat(texts.get(3)).contains("rkt-supervisor").contains(pod + "/supervisor");
    assertThat(texts.get(4)).contains(pod + "/supervisor");
    assertThat(texts.get(5)).contains("chdir").contains(pod);
    assertThat(texts.subList(6, 9))
        .satisfiesExactly(
            a -> assertThat(a).startsWith("resetSignals"),
            a -> assertThat(a).startsWith("closeRangeCloexec"),
            a -> assertThat(a).startsWith("setCloexec"));
  }

  @Test
  void theUuidIsSavedBeforeAnythingIsPrepared() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    Path file = base.resolve("uuid");
    rig.runner.run(
        new RunRequest(
            PodRequest.of(List.of(FakeImages.request())), Rig.launch(), Optional.of(file)));
    assertThat(file).hasContent(rig.flavor.planned.get(0).uuid().value());
    assertThatThrownBy(() ->
            rig.runner.run(
                new RunRequest(
                    PodRequest.of(List.of(FakeImages.request())),
                    Rig.launch(),
                    Optional.of(base.resolve("no/such/dir")))))
        .hasMessageContaining("error saving pod UUID to file");
    assertNoPods(rig);
  }

  @Test
  void whateverFailsBeforeTheExecLeavesNothing() throws Exception {
    Rig rig = new Rig(base, kernel, false);
    EngineException refusal = EngineException.of(ErrorCode.INVALID, "run", "no such binary /hello");
    rig.flavor.refusal = refusal;
    assertThatThrownBy(() -> rig.runner.run(Rig.run())).isSameAs(refusal);
    assertNoPods(rig);
    rig.flavor.refusal = null;
    assertThatThrownBy(() -> rig.runner.run(Rig.run())).hasMessageContaining("error execing init");
    assertNoPods(rig);
  }

  @Test
  void aFullDiskSaysSoAtEveryWrite() throws Exception {
    for (int skip = 0; ; skip++) {
      RecordingKernel full = new RecordingKernel();
      Rig rig = new Rig(base, full, true);
      full.journal().failOnce("write", skip, Errno.ENOSPC);
      try {
        rig.runner.run(Rig.run());
        assertThat(skip).as("writes that failed").isGreaterThan(4);
        return;
      } catch (EngineException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE);
        assertThat(e).hasMessageContaining("No space left on device");
      }
      assertNoPods(rig);
      assertThat(full.openDescriptors()).isEmpty();
    }
  }

  @Test
  void aPreparedPodRunsLaterWithoutTheStore() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    PodUuid uuid = rig.runner.prepare(PodRequest.of(List.of(FakeImages.request())));
    PodView view = rig.pods.view(uuid);
    assertThat(view.state()).isEqualTo(PodState.PREPARED);
    assertThat(view.apps().get(0).state()).isEqualTo(AppState.CREATED);
    assertThat(view.createdNanos()).isPresent();
    assertThat(view.startedNanos()).isEmpty();
    assertThat(kernel.openDescriptors()).isEmpty();
    rig.runner.runPrepared(uuid, Rig.launch());
    assertThat(rig.flavor.planned.get(0).uuid()).isEqualTo(uuid);
    assertThat(kernel.journal().texts("mount"))
        .anyMatch(t -> t.contains("lowerdir=" + base.resolve("layer")));
    assertThatThrownBy(() -> rig.runner.runPrepared(uuid, Rig.launch()))
        .hasMessageContaining("pod \"" + uuid.value() + "\" is not prepared");
  }

  @Test
  void withoutOverlayTheRootIsACopy() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    PodRequest overlay = PodRequest.of(List.of(FakeImages.request()));
    PodRequest copy =
        new PodRequest(
            overlay.apps(),
            overlay.volumes(),
            overlay.mounts(),
            overlay.ports(),
            overlay.inheritedEnv(),
            overlay.setEnvFile(),
            overlay.setEnv(),
            overlay.userAnnotations(),
            overlay.userLabels(),
            overlay.podManifest(),
            false,
            List.of(),
            false);
    PodUuid uuid = rig.runner.prepare(copy);
    Path pod = rig.data.resolve("pods/prepared").resolve(uuid.value());
    assertThat(pod.resolve("stage1/rootfs/opt/stage2/hello/rootfs/hello")).hasContent("copied");
    assertThat(pod.resolve("overlay-prepared")).doesNotExist();
    assertThat(pod.resolve("appsinfo/hello/treeStoreID")).doesNotExist();
  }

  @Test
  void aPodManifestFileIsStoredAsItIs() throws Exception {
    Rig rig = new Rig(base, kernel, true);
    String json =
        "{ \"acVersion\":\"0.8.11\",\"acKind\":\"PodManifest\", \"apps\":[{\"name\":\"a\",\"image\":{\"id\":\""
            + FakeImages.ID.value()
            + "\"}}]}\n";
    Path file = Files.writeString(base.resolve("pod.json"), json);
    PodUuid uuid = rig.runner.prepare(fromManifest(file));
    assertThat(new String(rig.pods.manifestBytes(uuid), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(json);
    Files.writeString(file, "{\"acVersion\":\"0.8.11\",\"acKind\":\"PodManifest\",\"apps\":[]}");
    assertThatThrownBy(() -> rig.runner.prepare(fromManifest(file)))
        .hasMessageContaining("pod must contain at least one application");
  }

  private static PodRequest fromManifest(Path file) {
    return new PodRequest(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        java.util.Map.of(),
        java.util.Map.of(),
        Optional.of(file),
        true,
        List.of(),
        false);
  }
}
