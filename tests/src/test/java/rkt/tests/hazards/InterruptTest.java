package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/**
 * Ctrl-C and TERM at any moment: rkt ends by that signal, or as the pod does that got it, and no
 * run-time system has a word in it.
 */
class InterruptTest {
  private static final int TIMES = 30;
  private static final long LATEST_MILLIS = 120;

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void endsQuietly(String signal, int killed) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "sleep 60");
      for (int i = 0; i < TIMES; i++) {
        Rkt.Running victim = rkt.startInsecure("run", "--net=none", aci.toString());
        LockSupport.parkNanos(random.nextLong(LATEST_MILLIS * 1_000_000));
        victim.signal(signal);
        Rkt.Result result = victim.await();
        String where = signal + " " + i + " of seed " + seed + ": " + result.err();
        assertThat(result.exit()).as(where).isIn(0, killed);
        assertThat(result.err().lines())
            .as(where)
            .allMatch(line -> line.startsWith("image: warning: "));
      }
      rkt.run("image", "gc").ok();
    }
  }
}
