package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.OsException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.PodUuid;
import rkt.stage1.EnterRequest;
import rkt.testkit.RecordingKernel;

class EntererTest {
  private static final List<String> COMMAND = List.of("/bin/sh");

  @TempDir private Path base;
  private final RecordingKernel kernel = new RecordingKernel();
  private final FakeFlavor flavor = new FakeFlavor();
  private final Said said = new Said();
  private PodStore pods = new PodStore(Path.of("/"), kernel);

  @BeforeEach
  void open() {
    pods = new PodStore(base, kernel);
  }

  @AfterEach
  void nothingStaysOpen() {
    assertThat(kernel.openDescriptors()).isEmpty();
  }

  private Pod pod(String... apps) throws Exception {
    Pod pod = pods.create();
    StringBuilder json =
        new StringBuilder("{\"acVersion\":\"1.0.0\",\"acKind\":\"PodManifest\",\"apps\":[");
    for (String app : apps) {
      json.append(json.toString().endsWith("[") ? "" : ",");
      json.append("{\"name\":\"").append(app).append("\",\"image\":{\"id\":\"");
      json.append(FakeImages.ID.value()).append("\"}}");
    }
    Files.writeString(pod.path().resolve("pod"), json.append("]}"));
    pod.move(PodDirectory.RUN);
    return pod;
  }

  private void enter(PodUuid uuid, Optional<AcName> app) throws Exception {
    EngineOptions options = new Rig(base, kernel, true).options;
    EngineOptions speaking =
        new EngineOptions(
            options.dataDir(),
            options.configDirs(),
            options.insecure(),
            said,
            options.libDir(),
            true);
    new Enterer(pods, flavor, speaking)
        .enter(uuid, app, COMMAND, false, Optional.of("xterm"), EnterRequest.As.ROOT);
  }

  @Test
  void joinsThePodsMountNamespaceOnAThreadOfItsOwn() throws Exception {
    try (Pod pod = pod("web")) {
      stands(pod);
      enter(pod.uuid(), Optional.empty());
      assertThat(flavor.entered.get(0).app()).isEqualTo("web");
      assertThat(flavor.entered.get(0).term()).isEqualTo("xterm");
      List<String> calls = kernel.journal().texts("unshare", "setns", "chdir", "resetSignals");
      assertThat(calls).hasSize(4);
      assertThat(calls.get(0)).startsWith("unshare");
      assertThat(calls.get(1)).startsWith("setns");
    }
  }

  /** Its PID may be another process's by then, in another mount namespace with another runtime. */
  @Test
  void aSupervisorThatEndsMeanwhileIsNotFollowed() throws Exception {
    try (Pod pod = pod("web")) {
      stands(pod);
      flavor.whileEntering =
          () -> {
            try {
              pod.unlock();
            } catch (OsException e) {
              throw new AssertionError(e);
            }
          };
      assertThatThrownBy(() -> enter(pod.uuid(), Optional.empty()))
          .hasMessageContaining("isn't currently running");
      assertThat(kernel.journal().texts("setns")).isEmpty();
    }
  }

  @Test
  void anAppMustBeNamedWhenThereAreSeveral() throws Exception {
    try (Pod pod = pod("one", "two")) {
      stands(pod);
      assertThatThrownBy(() -> enter(pod.uuid(), Optional.empty()))
          .hasMessageContaining("unable to determine app name")
          .hasMessageContaining("specify app using \"rkt enter --app= ...\"");
      assertThat(said.notes).containsExactly("pod contains multiple apps:", "\tone", "\ttwo");
      enter(pod.uuid(), Optional.of(new AcName("two")));
      assertThat(flavor.entered.get(0).app()).isEqualTo("two");
      assertThatThrownBy(() -> enter(pod.uuid(), Optional.of(new AcName("three"))))
          .hasMessageContaining("app \"three\" is not in the pod")
          .hasMessageContaining("choose among: one, two");
    }
  }

  @Test
  void onlyARunningPodIsEntered() throws Exception {
    Pod pod = pod("web");
    pod.close();
    assertThatThrownBy(() -> enter(pod.uuid(), Optional.empty()))
        .hasMessageContaining("pod \"" + pod.uuid().value() + "\" isn't currently running");
  }

  /** The sandbox is there before the app: entering then failed in the OCI runtime. */
  @Test
  void anAppThatIsNotThereYetIsWaitedFor() throws Exception {
    try (Pod pod = pod("web")) {
      Files.writeString(pod.path().resolve("pid"), "1\n");
      Thread supervisor =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                  assertThat(flavor.entered).isEmpty();
                  stands(pod);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      enter(pod.uuid(), Optional.empty());
      supervisor.join();
      assertThat(flavor.entered).hasSize(1);
    }
  }

  private static void stands(Pod pod) throws java.io.IOException {
    Files.writeString(pod.path().resolve("pid"), "1\n");
    java.nio.file.Path link = pod.path().resolve(PodFiles.SUPERVISOR_STATUS);
    Files.createDirectories(java.util.Objects.requireNonNull(link.getParent()));
    Files.createSymbolicLink(link, java.nio.file.Path.of("ready"));
  }
}
