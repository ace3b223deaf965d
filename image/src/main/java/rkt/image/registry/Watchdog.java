package rkt.image.registry;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One daemon thread that looks at all open bodies of a client a few times per idle period. */
final class Watchdog implements AutoCloseable {
  private final Set<GuardedBody> bodies = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  Watchdog(Duration idle) {
    long period = period(idle);
    thread = Thread.ofPlatform().daemon().name("registry-watchdog").start(() -> run(period));
  }

  /** How often to look, in milliseconds. */
  static long period(Duration idle) {
    return Math.clamp(idle.toMillis() / 4, 5, 1000);
  }

  private void run(long period) {
    try {
      while (true) {
        Thread.sleep(period);
        long now = System.nanoTime();
        for (GuardedBody body : bodies) {
          body.check(now);
        }
      }
    } catch (InterruptedException e) {
      // close() ends the watch.
    }
  }

  void watch(GuardedBody body) {
    bodies.add(body);
  }

  void forget(GuardedBody body) {
    bodies.remove(body);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
