package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.appc.PodUuid;
import rkt.testkit.KernelJournal;
import rkt.testkit.RecordingKernel;

/**
 * rkt is killed before every single system call it makes; the next rkt must cope and gc must find
 * everything.
 */
class KillBetweenStepsTest {
  private static final GcRequest ALL = new GcRequest(Duration.ZERO, Duration.ZERO, false);

  @TempDir private Path base;

  private interface Victim {
    void live(Rig rig) throws Exception;
  }

  /**
   * Runs it with death before call 0, 1, 2, ... until it survives; after each death, looks and
   * collects.
   */
  private int killEverywhere(Victim victim) throws Exception {
    for (int calls = 0; ; calls++) {
      RecordingKernel kernel = new RecordingKernel();
      Rig rig = new Rig(base, kernel, true);
      boolean survived = false;
      kernel.journal().killAfter(calls);
      try {
        victim.live(rig);
        survived = true;
      } catch (KernelJournal.Killed death) {
        assertThat(death).isNotNull();
      }
      kernel.journal().revive();
      kernel.closeOpenDescriptors();
      PodStore pods = new PodStore(rig.data, Kernel.linux());
      for (PodView view : pods.list()) {
        assertThat(view.state())
            .as("state after death before call %s", calls)
            .isIn(
                PodState.ABORTED_PREPARE,
                PodState.PREPARED,
                PodState.EXITED,
                PodState.EXITED_GARBAGE);
        if (view.state() != PodState.ABORTED_PREPARE) {
          assertThat(view.manifest()).as("manifest after death before call %s", calls).isPresent();
        }
      }
      new GarbageCollector(pods, rig.said, InstantSource.system()).collect(ALL);
      for (PodDirectory directory : PodDirectory.values()) {
        Path path = rig.data.resolve("pods").resolve(directory.dirName());
        if (java.nio.file.Files.exists(path)) {
          assertThat(path).as("after death before call %s", calls).isEmptyDirectory();
        }
      }
      if (survived) {
        return calls;
      }
    }
  }

  @Test
  void running() throws Exception {
    assertThat(killEverywhere(rig -> rig.runner.run(Rig.run()))).isGreaterThan(50);
  }

  @Test
  void preparingAndRunningLater() throws Exception {
    int calls =
        killEverywhere(rig -> {
          PodUuid uuid = rig.runner.prepare(PodRequest.of(List.of(FakeImages.request())));
          rig.runner.runPrepared(uuid, Rig.launch());
        });
    assertThat(calls).isGreaterThan(50);
  }

  @Test
  void collectingAndRemoving() throws Exception {
    int calls =
        killEverywhere(rig -> {
          for (int i = 0; i < 2; i++) {
            try (Pod pod = rig.pods.create()) {
              rig.pods
                  .files()
                  .write(
                      pod.path().resolve("pod"),
                      "{\"acVersion\":\"0.8.11\",\"acKind\":\"PodManifest\",\"apps\":[]}",
                      0640);
              pod.move(PodDirectory.RUN);
              if (i == 1) {
                pod.close();
                assertThat(new Remover(rig.pods, rig.said).remove(pod.uuid()))
                    .isEqualTo(new RemoveOutcome.Removed());
              }
            }
          }
          new GarbageCollector(rig.pods, rig.said, InstantSource.system()).collect(ALL);
        });
    assertThat(calls).isGreaterThan(50);
  }
}
