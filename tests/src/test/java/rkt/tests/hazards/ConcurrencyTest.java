package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Many rkt on one data directory at the same time: each does what it would do alone. */
class ConcurrencyTest {
  private static final int AT_ONCE = 20;

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static List<Rkt.Result> all(List<Rkt.Running> running) {
    List<Rkt.Result> results = new ArrayList<>();
    for (Rkt.Running each : running) {
      results.add(each.await());
    }
    return results;
  }

  private static void assertOk(List<Rkt.Result> results) {
    assertThat(results.stream().filter(each -> each.exit() != 0)).isEmpty();
  }

  private void assertStoreIsClean(int images) {
    List<String> names =
        rkt.run("image", "list", "--no-legend", "--full", "--fields=id")
            .ok()
            .out()
            .lines()
            .toList();
    assertThat(names).hasSize(images);
    for (String name : names) {
      rkt.run("image", "verify", name).ok();
    }
    assertThat(rkt.data().resolve("cas/tmp")).isEmptyDirectory();
    assertThat(rkt.data().resolve("cas/leases")).isEmptyDirectory();
  }

  @Test
  void theSameImageIsFetchedTwentyTimesAtOnce() {
    Path aci = Images.script(rkt, "app", "true");
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      List<Rkt.Running> running = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        running.add(
            rkt.startInsecure(
                "fetch", "--full", i % 2 == 0 ? aci.toString() : registry.image("honest")));
      }
      List<Rkt.Result> results = all(running);
      assertOk(results);
      Set<String> ids = new HashSet<>();
      results.forEach(each -> ids.add(each.out()));
      assertThat(ids).hasSize(2);
      assertStoreIsClean(2);
    }
  }

  @Test
  void differentImagesAreFetchedAtOnce() {
    List<Path> acis = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      acis.add(Images.script(rkt, "app" + i, "exit " + i));
    }
    List<Rkt.Running> running = new ArrayList<>();
    for (Path each : acis) {
      running.add(rkt.startInsecure("fetch", each.toString()));
    }
    assertOk(all(running));
    assertStoreIsClean(AT_ONCE);
  }

  /** What a fetch or a run has found, an image gc beside it must not take away under its hands. */
  @Test
  void imageGcBesideFetchAndRun() {
    Path aci = Images.script(rkt, "app", "cat /dir1/file");
    List<Rkt.Running> runs = new ArrayList<>();
    List<Rkt.Running> others = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 2; i++) {
        runs.add(rkt.startInsecure("run", "--net=none", aci.toString()));
        others.add(rkt.startInsecure("fetch", aci.toString()));
      }
      others.add(rkt.start("image", "gc", "--grace-period=0s"));
      others.add(rkt.start("gc", "--grace-period=0s"));
      List<Rkt.Result> results = all(runs);
      assertOk(results);
      assertThat(results).allMatch(each -> each.out().equals("dir1"));
      assertOk(all(others));
      runs.clear();
      others.clear();
    }
    rkt.insecure("fetch", aci.toString()).ok();
    assertStoreIsClean(1);
  }

  @Test
  void collectorsShareTheWork() {
    Path aci = Images.script(rkt, "app", "true");
    List<Rkt.Running> pods = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      pods.add(rkt.startInsecure("run", "--net=none", aci.toString()));
    }
    assertOk(all(pods));
    assertThat(rkt.pods()).hasSize(AT_ONCE);
    List<Rkt.Running> collectors = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      collectors.add(
          rkt.start(i % 3 == 2 ? new String[] {"list"} : new String[] {"gc", "--grace-period=0s"}));
    }
    List<Rkt.Result> results = all(collectors);
    assertOk(results);
    assertThat(results).noneMatch(each -> each.err().contains("unable to remove"));
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.pods()).isEmpty();
  }
}
