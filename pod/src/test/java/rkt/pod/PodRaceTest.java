package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;

/**
 * Several rkt at once on one data directory. Threads stand for processes: a flock belongs to the
 * open file, and each of them opens its own.
 */
class PodRaceTest {
  private static final GcRequest ALL = new GcRequest(Duration.ZERO, Duration.ZERO, false);

  @TempDir private Path data;

  private GarbageCollector gc() {
    return new GarbageCollector(
        new PodStore(data, Kernel.linux()), Reporter.SILENT, InstantSource.system());
  }

  @Test
  void gcNeverTakesAPodThatIsBeingMade() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService workers = Executors.newFixedThreadPool(3)) {
      Future<?> collector =
          workers.submit(
              (Callable<Void>)
                  () -> {
                    while (!done.get()) {
                      gc().collect(ALL);
                    }
                    return null;
                  });
      List<Future<Integer>> makers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        makers.add(
            workers.submit(() -> {
              int made = 0;
              PodStore pods = new PodStore(data, Kernel.linux());
              for (int n = 0; n < 100; n++) {
                try (Pod pod = pods.create()) {
                  pod.move(PodDirectory.RUN);
                  if (pod.inPlace()) {
                    made++;
                  }
                }
              }
              return made;
            }));
      }
      for (Future<Integer> maker : makers) {
        assertThat(maker.get()).isEqualTo(100);
      }
      done.set(true);
      collector.get();
    }
    gc().collect(ALL);
    for (PodDirectory directory : PodDirectory.values()) {
      assertThat(data.resolve("pods").resolve(directory.dirName())).isEmptyDirectory();
    }
  }

  @Test
  void lookingNeverMakesRemovingFail() throws Exception {
    PodStore pods = new PodStore(data, Kernel.linux());
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService workers = Executors.newFixedThreadPool(2)) {
      List<Future<?>> lookers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        lookers.add(
            workers.submit(
                (Callable<Void>)
                    () -> {
                      while (!done.get()) {
                        new PodStore(data, Kernel.linux()).list();
                      }
                      return null;
                    }));
      }
      try {
        for (int n = 0; n < 100; n++) {
          Pod pod = pods.create();
          pod.move(PodDirectory.RUN);
          pod.close();
          RemoveOutcome outcome = new Remover(pods, Reporter.SILENT).remove(pod.uuid());
          assertThat(outcome).isInstanceOf(RemoveOutcome.Removed.class);
        }
      } finally {
        done.set(true);
      }
      for (Future<?> looker : lookers) {
        looker.get();
      }
    }
  }

  @Test
  void ofTwoRemoversOneWinsAndNoneBreaks() throws Exception {
    PodStore pods = new PodStore(data, Kernel.linux());
    try (ExecutorService workers = Executors.newFixedThreadPool(2)) {
      for (int n = 0; n < 50; n++) {
        Pod pod = pods.create();
        pod.move(PodDirectory.RUN);
        pod.close();
        Callable<RemoveOutcome> remove =
            () ->
                new Remover(new PodStore(data, Kernel.linux()), Reporter.SILENT).remove(pod.uuid());
        int removed = 0;
        for (Future<RemoveOutcome> each : workers.invokeAll(List.of(remove, remove))) {
          switch (each.get()) {
            case RemoveOutcome.Removed r -> removed++;
            case RemoveOutcome.Busy b -> assertThat(b.why()).contains("is currently");
            case RemoveOutcome.Failed f -> assertThat(f.why().why()).contains("no matches found");
          }
        }
        assertThat(removed).isEqualTo(1);
      }
    }
  }
}
