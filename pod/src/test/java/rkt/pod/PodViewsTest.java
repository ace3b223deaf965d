package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;

class PodViewsTest {
  @TempDir private Path data;
  private PodStore pods = new PodStore(Path.of("/"), Kernel.linux());
  private Pod pod =
      new Pod(
          Kernel.linux(),
          Path.of("/"),
          rkt.schema.appc.PodUuid.ofRandomBytes(rkt.os.RandomBytes.of(16)),
          new rkt.os.Fd(Kernel.linux(), -1),
          PodDirectory.RUN);

  @BeforeEach
  void make() throws Exception {
    pods = new PodStore(data, Kernel.linux());
    pod = pods.create();
    pod.move(PodDirectory.RUN);
    write(
        "pod",
        "{\"acVersion\":\"1.30.0\",\"acKind\":\"PodManifest\",\"apps\":[{\"name\":\"web\",\"image\":{\"name\":\"example.com/web\",\"id\":\""
            + FakeImages.ID.value()
            + "\",\"labels\":[{\"name\":\"version\",\"value\":\"1.2\"}]},\"app\":{\"exec\":[\"/x\"],\"user\":\"0\",\"group\":\"0\"},"
            + "\"mounts\":[{\"volume\":\"v\",\"path\":\"/d\"}]}],\"volumes\":[{\"name\":\"v\",\"kind\":\"host\",\"source\":\"/h\",\"readOnly\":true}]}");
    write("pod-created", "");
  }

  @AfterEach
  void close() throws Exception {
    pod.close();
  }

  private void write(String name, String content) throws Exception {
    Path file = pod.path().resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  private AppView app() throws Exception {
    return pods.view(pod.uuid()).apps().get(0);
  }

  @Test
  void aRunningPod() throws Exception {
    write("pid", "4711\n");
    PodView view = pods.view(pod.uuid());
    assertThat(view.state()).isEqualTo(PodState.RUNNING);
    assertThat(view.pid()).hasValue(4711);
    assertThat(view.ready()).isFalse();
    assertThat(view.startedNanos()).isPresent();
    assertThat(app().state()).isEqualTo(AppState.RUNNING);
    assertThat(app().imageName()).contains("example.com/web:1.2");
    assertThat(app().mounts()).containsExactly(new AppView.MountView("v", "/d", "/h", true));
    assertThat(app().exitCode()).isEmpty();
  }

  @Test
  void anExitRecordTellsTheCause() throws Exception {
    write(
        "exit/web.json",
        "{\"app\":\"web\",\"code\":137,\"signal\":9,\"cause\":\"oom\",\"startedAt\":5,\"finishedAt\":7}\n");
    AppView app = app();
    assertThat(app.state()).isEqualTo(AppState.EXITED);
    assertThat(app.exitCode()).hasValue(137);
    assertThat(app.signal()).hasValue(9);
    assertThat(app.cause()).contains(ExitCause.OOM);
    assertThat(app.startedNanos()).hasValue(5);
    assertThat(app.finishedNanos()).hasValue(7);
  }

  @Test
  void aTornRecordLeavesTheStatusFile() throws Exception {
    write("exit/web.json", "{\"app\":\"we");
    write("stage1/rootfs/rkt/status/web", "3");
    assertThat(app().exitCode()).hasValue(3);
    assertThat(app().cause()).isEmpty();
    write("stage1/rootfs/rkt/status/web", "three");
    assertThat(app().exitCode()).isEmpty();
  }

  @Test
  void aPodKilledAsAWholeHasExitedAppsWithoutCode() throws Exception {
    pod.unlock();
    assertThat(app().state()).isEqualTo(AppState.EXITED);
    assertThat(app().exitCode()).isEmpty();
    assertThat(pods.view(pod.uuid()).state()).isEqualTo(PodState.EXITED);
  }

  @Test
  void aBrokenManifestIsAProblemNotAFailure() throws Exception {
    write("pod", "{");
    PodView view = pods.view(pod.uuid());
    assertThat(view.apps()).isEmpty();
    assertThat(view.problem().orElseThrow()).contains("line 1");
    assertThat(pods.list()).hasSize(1);
  }

  @Test
  void networksComeFromNetInfo() throws Exception {
    write("net-info.json", "[{\"netName\":\"default\",\"ip\":\"172.16.28.3\"}]");
    assertThat(pods.view(pod.uuid()).networks())
        .extracting(info -> info.netName() + " " + info.ip())
        .containsExactly("default 172.16.28.3");
  }
}
