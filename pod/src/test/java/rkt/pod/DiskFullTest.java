package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** A data directory on a file system with room for a few files only. */
class DiskFullTest {
  @TempDir private Path base;

  @Test
  void preparingFailsCleanlyAndGcStillWorks() throws Exception {
    RootOnly.assume("mounting a small tmpfs");
    NamespaceThread.run("test", this::onSmallDisk);
  }

  private void onSmallDisk() {
    try {
      RootOnly.privateMounts();
      Kernel.linux().mount("tmpfs", base.toString(), "tmpfs", 0, "size=128k,nr_inodes=80");
      Rig rig = new Rig(base, Kernel.linux(), true);
      PodRequest request = PodRequest.of(List.of(FakeImages.request()));
      int prepared = 0;
      while (true) {
        try {
          rig.runner.prepare(request);
          prepared++;
        } catch (EngineException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE);
          assertThat(e)
              .hasMessageContaining("No space left on device")
              .hasMessageContaining("rkt gc");
          break;
        }
      }
      assertThat(prepared).isPositive();
      assertThat(rig.pods.list()).hasSize(prepared);
      try (java.util.stream.Stream<Path> left = Files.list(rig.data.resolve("pods/garbage"))) {
        assertThat(left).isEmpty();
      }
      new GarbageCollector(rig.pods, rig.said, InstantSource.system())
          .collect(new GcRequest(Duration.ZERO, Duration.ZERO, false));
      assertThat(rig.pods.list()).isEmpty();
      rig.runner.prepare(request);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
