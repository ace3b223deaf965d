package rkt.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/**
 * 200 pods with a published port, 10 at a time, half of them killed at moments that differ: while
 * plugins run, before the rules, in the pod's life. After gc the host is as it was before.
 */
class NetCrowdTest {
  private static final int PODS = 200;
  private static final int AT_ONCE = 10;
  private static final long SEED = 20261128;

  /** About as long as a pod of this test lives; milliseconds. */
  private static final int LIFE = 400;

  private record Started(boolean killed, Rkt.Running running) {}

  @Test
  void nothingOfTwoHundredPodsIsLeft() throws InterruptedException {
    Random random = new Random(SEED);
    try (HostNet host = new HostNet();
        Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "exit 3", "--port=http:tcp:80");
      String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
      Deque<Started> running = new ArrayDeque<>();
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < PODS; i++) {
        if (running.size() == AT_ONCE) {
          finish(running.removeFirst(), wrong);
        }
        Rkt.Running pod = rkt.startInsecure("run", "--port=http:" + (20000 + i), id);
        boolean kill = i % 2 == 1;
        if (kill) {
          Thread.sleep(random.nextInt(LIFE));
          pod.signal("KILL");
        }
        running.add(new Started(kill, pod));
      }
      while (!running.isEmpty()) {
        finish(running.removeFirst(), wrong);
      }
      assertThat(wrong).as("seed " + SEED).isEmpty();
      List<String> left = rkt.pods();
      assertThat(left).hasSizeGreaterThanOrEqualTo(PODS / 2);
      rkt.run("gc", "--grace-period=0s").ok();
      rkt.run("gc", "--grace-period=0s").ok();
      assertThat(rkt.pods()).isEmpty();
      host.assertAsBefore();
      left.forEach(Leftovers::assertNoneOfPod);
    }
  }

  private static void finish(Started each, List<String> wrong) {
    Rkt.Result result = each.running().await();
    boolean expected =
        each.killed() ? result.exit() == 137 || result.exit() == 3 : result.exit() == 3;
    if (!expected) {
      wrong.add(result.exit() + ": " + result.err());
    }
  }
}
