package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Labels;
import rkt.schema.appc.Mount;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.RuntimeImage;
import rkt.schema.appc.SemVer;
import rkt.schema.appc.Volume;
import rkt.stage1.BindMount;
import rkt.testkit.KernelCall;
import rkt.testkit.KernelJournal;
import rkt.testkit.RecordingKernel;

class VolumesTest {
  @TempDir private Path dir;
  private final Said said = new Said();
  private Path pod = Path.of("/");
  private Path root = Path.of("/");
  private KernelJournal journal = new RecordingKernel().journal();

  @BeforeEach
  void make() throws Exception {
    pod = Files.createDirectory(dir.resolve("pod"));
    root = Files.createDirectory(dir.resolve("root"));
  }

  private static Volume host(String name, Path source, Optional<Boolean> readOnly) {
    return new Volume(
        new AcName(name),
        Volume.Kind.HOST,
        source.toString(),
        readOnly,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private BindMount placed(String target, String origin) {
    return new BindMount(pod.resolve("mounts/1"), target, false, true, true, false, origin);
  }

  private List<KernelCall> calls(String name, String argument) {
    return journal.calls().stream()
        .filter(call -> call.name().equals(name) && call.toString().contains(argument))
        .toList();
  }

  private static MountPoint point(String name, String path, boolean readOnly) {
    return new MountPoint(new AcName(name), path, readOnly);
  }

  private List<BindMount> mounts(
      List<Volume> volumes, List<Mount> mounts, List<MountPoint> points, boolean docker)
      throws Exception {
    App app = App.of(List.of("/x"), "0", "0").withMountPoints(points);
    RuntimeApp runtime =
        new RuntimeApp(
            new AcName("app"),
            new RuntimeImage(Optional.empty(), FakeImages.ID, Labels.EMPTY),
            Optional.of(app),
            false,
            mounts,
            Annotations.EMPTY);
    ImageManifest image = ImageManifest.of(new AcIdentifier("x")).withApp(app);
    if (docker) {
      image =
          image.withAnnotations(Annotations.EMPTY.with("appc.io/docker/repository", "whatever"));
    }
    PodManifest manifest =
        new PodManifest(
            new SemVer("0.8.11"),
            List.of(runtime),
            volumes,
            List.of(),
            Annotations.EMPTY,
            List.of(),
            Map.of(),
            Map.of());
    RecordingKernel kernel = new RecordingKernel();
    journal = kernel.journal();
    List<BindMount> out;
    try (Volumes made = new Volumes(kernel, new PodFiles(kernel), said, pod, manifest, true, "")) {
      out = made.mountsOf(new PreparedApp(runtime, app, image, "", List.of(), List.of()), root);
    }
    assertThat(kernel.openDescriptors()).isEmpty();
    return out;
  }

  @Test
  void aHostVolumeIsMountedBelowThePodDirectoryAndFromThereOnItsTarget() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), real);
    assertThat(
            mounts(
                List.of(host("v", link, Optional.empty())),
                List.of(new Mount(new AcName("v"), "/data/")),
                List.of(),
                false))
        .containsExactly(placed("/data", link.toString()));
    assertThat(calls("open", link.toString())).as("opened once").hasSize(1);
    assertThat(root.resolve("data")).isEmptyDirectory();
  }

  @Test
  void theVolumeDecidesAboutReadOnlyAndElseTheMountPoint() throws Exception {
    for (boolean volume : new boolean[] {true, false}) {
      assertThat(
              mounts(
                  List.of(host("v", dir, Optional.of(volume))),
                  List.of(),
                  List.of(point("v", "/d", !volume)),
                  false))
          .extracting(BindMount::readOnly)
          .containsExactly(volume);
    }
    assertThat(
            mounts(
                List.of(host("v", dir, Optional.empty())),
                List.of(),
                List.of(point("v", "/d", true)),
                false))
        .extracting(BindMount::readOnly)
        .containsExactly(true);
  }

  @Test
  void saysWhichSourceOrVolumeIsMissing() {
    assertThatThrownBy(() ->
            mounts(
                List.of(host("v", dir.resolve("none"), Optional.empty())),
                List.of(new Mount(new AcName("v"), "/d")),
                List.of(),
                false))
        .hasMessageContaining(
            "Failed to stat " + dir.resolve("none") + ": No such file or directory");
    assertThatThrownBy(
            () -> mounts(List.of(), List.of(new Mount(new AcName("v"), "/d")), List.of(), false))
        .hasMessageContaining("could not find volume v");
  }

  @Test
  void aBareMountPointGetsAnEmptyVolumeAndAWarning() throws Exception {
    assertThat(mounts(List.of(), List.of(), List.of(point("data", "/data", false)), false))
        .containsExactly(placed("/data", "implicit volume \"app-data\""));
    assertThat(said.notes)
        .containsExactly(
            "warning: no volume specified for mount point \"data\", implicitly creating an \"empty\""
                + " volume. This volume will be removed when the pod is garbage-collected.");
    assertThat(pod.resolve("sharedVolumes/app-data")).isEmptyDirectory();
    assertThat(Files.getPosixFilePermissions(pod.resolve("sharedVolumes")))
        .as("set-user-ID programs in volumes are not for group rkt (CVE-2021-41091)")
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aDockerImagesContentFillsItsImplicitVolume() throws Exception {
    Files.createDirectories(root.resolve("data"));
    Files.writeString(root.resolve("data/seed"), "1");
    mounts(List.of(), List.of(), List.of(point("data", "/data", false)), true);
    assertThat(pod.resolve("sharedVolumes/app-data/seed")).hasContent("1");
  }

  @Test
  void aMountOnAMountPointTakesItsPlace() throws Exception {
    assertThat(
            mounts(
                List.of(host("other", dir, Optional.empty())),
                List.of(new Mount(new AcName("other"), "/data")),
                List.of(point("data", "/data", false)),
                false))
        .hasSize(1);
    assertThat(said.notes).isEmpty();
  }
}
