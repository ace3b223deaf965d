package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/** 200 pods run and removed, 20 at a time: every exit code right, nothing left. */
class CrowdTest {
  private static final int PODS = 200;
  private static final int AT_ONCE = 20;

  private record Started(int code, Rkt.Running running) {}

  @Test
  void twoHundredPodsTwentyAtATime() {
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "exit $CODE");
      String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
      Deque<Started> running = new ArrayDeque<>();
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < PODS; i++) {
        if (running.size() == AT_ONCE) {
          finish(running.removeFirst(), wrong);
        }
        int code = i % 7;
        running.add(
            new Started(
                code,
                rkt.startInsecure(
                    "run",
                    "--net=" + (i % 2 == 0 ? "host" : "none"),
                    "--set-env=CODE=" + code,
                    id)));
        if (i % 50 == 49) {
          rkt.run("gc", "--grace-period=0s").ok();
        }
      }
      while (!running.isEmpty()) {
        finish(running.removeFirst(), wrong);
      }
      assertThat(wrong).isEmpty();
      List<String> left = rkt.pods();
      assertThat(left).isNotEmpty();
      rkt.run("gc", "--grace-period=0s").ok();
      assertThat(rkt.pods()).isEmpty();
      left.forEach(Leftovers::assertNoneOfPod);
    }
  }

  private static void finish(Started each, List<String> wrong) {
    Rkt.Result result = each.running().await();
    if (result.exit() != each.code()) {
      wrong.add("expected " + each.code() + ", was " + result.exit() + ": " + result.err());
    }
  }
}
