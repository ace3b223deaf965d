package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;

class WaiterTest {
  private static final Optional<Duration> SHORT = Optional.of(Duration.ofMillis(30));

  @TempDir private Path data;
  private PodStore pods = new PodStore(Path.of("/"), Kernel.linux());

  @BeforeEach
  void open() {
    pods = new PodStore(data, Kernel.linux());
  }

  @Test
  void timesOutWhileThePodRuns() throws Exception {
    try (Pod pod = pods.create()) {
      pod.move(PodDirectory.RUN);
      Waiter waiter = new Waiter(pods);
      assertThat(waiter.awaitExit(pod.uuid(), SHORT)).isEqualTo(WaitOutcome.TIMED_OUT);
      assertThat(waiter.awaitReady(pod.uuid(), SHORT)).isEqualTo(WaitOutcome.TIMED_OUT);
      assertThat(waiter.awaitExit(pod.uuid(), Optional.of(Duration.ZERO)))
          .isEqualTo(WaitOutcome.TIMED_OUT);
    }
  }

  @Test
  void seesTheEndAndTheRemoval() throws Exception {
    try (ExecutorService worker = Executors.newSingleThreadExecutor()) {
      Pod pod = pods.create();
      pod.move(PodDirectory.RUN);
      Future<WaitOutcome> ended =
          worker.submit(() -> new Waiter(pods).awaitExit(pod.uuid(), Optional.empty()));
      pod.close();
      assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(WaitOutcome.REACHED);
    }
  }

  @Test
  void seesReadiness() throws Exception {
    try (Pod pod = pods.create()) {
      pod.move(PodDirectory.RUN);
      Path status = pod.path().resolve("stage1/rootfs/rkt/supervisor-status");
      Files.createDirectories(status.getParent());
      Files.createSymbolicLink(status, Path.of("ready"));
      assertThat(new Waiter(pods).awaitReady(pod.uuid(), SHORT)).isEqualTo(WaitOutcome.REACHED);
    }
  }

  @Test
  void doesNotWaitForAPodThatDiedToBeReady() throws Exception {
    Pod pod = pods.create();
    pod.move(PodDirectory.RUN);
    pod.close();
    assertThatThrownBy(() -> new Waiter(pods).awaitReady(pod.uuid(), Optional.empty()))
        .hasMessageContaining("error waiting for pod readiness")
        .hasMessageContaining("ended without having been ready");
  }
}
