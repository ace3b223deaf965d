package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/**
 * SIGKILL of rkt at 50 random moments of fetch, run and gc: the store verifies, gc leaves nothing,
 * the next command works.
 */
class SigkillTest {
  private static final int KILLS = 50;
  private static final long LATEST_MILLIS = 140;

  @Test
  void killedAtAnyMomentItRecovers() throws java.io.IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "true");
      for (int i = 0; i < KILLS; i++) {
        Rkt.Running victim =
            switch (i % 5) {
              case 0 -> rkt.startInsecure("fetch", aci.toString());
              case 1 -> rkt.startInsecure("run", "--net=none", aci.toString());
              case 2 -> rkt.startInsecure("run", "--net=none", "--no-overlay", aci.toString());
              case 3 -> rkt.startInsecure("run", "--net=none", "--private-users", aci.toString());
              default -> rkt.start("gc", "--grace-period=0s");
            };
        LockSupport.parkNanos(random.nextLong(LATEST_MILLIS * 1_000_000));
        victim.signal("KILL");
        victim.await();
        String where = "kill " + i + " of seed " + seed;
        Rkt.Result next = rkt.insecure("run", "--net=none", aci.toString());
        assertThat(next.exit()).as(where + ": " + next.err()).isZero();
        Rkt.Result verify = rkt.run("image", "verify", "example.com/app");
        assertThat(verify.exit()).as(where + ": " + verify.all()).isZero();
        Rkt.Result gc = rkt.run("gc", "--grace-period=0s", "--expire-prepared=0s");
        assertThat(gc.exit()).as(where + ": " + gc.err()).isZero();
      }
      rkt.run("gc", "--grace-period=0s", "--expire-prepared=0s").ok();
      rkt.run("image", "gc", "--grace-period=0s").ok();
      try (var tmp = Files.list(rkt.data().resolve("cas/tmp"))) {
        assertThat(tmp).as("temporary files after seed " + seed).isEmpty();
      }
    }
  }
}
