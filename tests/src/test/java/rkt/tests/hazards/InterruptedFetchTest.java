package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Layout;
import rkt.tests.harness.MeteredProxy;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;

/** Fetches that are killed, and several at once: what was transferred is not transferred again. */
class InterruptedFetchTest {
  private static final int LAYER = 12 << 20;
  private static final int KILLS = 20;
  private static final long MIB = 1 << 20;

  private Rkt rkt;
  private Registry registry;
  private MeteredProxy proxy;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    registry = Registry.start(rkt);
    registry.push(Layout.make(rkt, LAYER, LAYER, LAYER).source(), "big/app:1");
    proxy = MeteredProxy.to(registry);
  }

  @AfterEach
  void tearDown() {
    proxy.close();
    registry.close();
    rkt.close();
  }

  private String ref() {
    return "docker://" + proxy.host() + "/big/app:1";
  }

  /** What one undisturbed fetch transfers. */
  private long whole() {
    String id = rkt.insecure("fetch", "--full", ref()).ok().out().trim();
    long bytes = proxy.passed();
    rkt.run("image", "rm", id).ok();
    return bytes;
  }

  @Test
  void aKilledFetchIsResumed() throws InterruptedException {
    long whole = whole();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long before = proxy.passed();
    for (int i = 0; i < KILLS; i++) {
      // All of them together end before the image does.
      proxy.allow(MIB / 2 + random.nextInt((int) (whole / KILLS / 2)));
      Rkt.Running fetch = rkt.startInsecure("fetch", ref());
      proxy.awaitLimit();
      fetch.signal("KILL");
      assertThat(fetch.await().exit()).as("seed %d", seed).isEqualTo(137);
      proxy.cut();
    }
    proxy.allowAll();
    rkt.insecure("fetch", ref()).ok();
    long again = proxy.passed() - before - whole;
    assertThat(again / KILLS)
        .as("bytes transferred again per kill, seed %d", seed)
        .isLessThan(8 * MIB);
    assertThat(rkt.insecure("run", "--net=none", ref()).ok().out()).isEqualTo("hello\n");
  }

  @Test
  void eightProcessesTransferItOnce() throws InterruptedException {
    long whole = whole();
    long before = proxy.passed();
    proxy.allow(MIB);
    List<Rkt.Running> fetches = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      fetches.add(rkt.startInsecure("fetch", ref()));
    }
    proxy.awaitLimit();
    proxy.allowAll();
    String said = "";
    String id = "";
    for (Rkt.Running fetch : fetches) {
      Rkt.Result result = fetch.await().ok();
      said += result.err();
      assertThat(id.isEmpty() || id.equals(result.out())).isTrue();
      id = result.out();
    }
    assertThat(said).contains("another rkt instance is downloading this image, waiting...");
    // The manifest is asked for by each.
    assertThat(proxy.passed() - before).isLessThan(whole + MIB);
  }
}
