package rkt.os;

import java.util.concurrent.CountDownLatch;

/**
 * Waiting that an interrupt does not cut short, for threads that cannot be abandoned: they hold
 * mounts, locks or half of what is to be undone. The interrupt is kept for the caller.
 */
public final class Uninterruptibly {
  private Uninterruptibly() {}

  @FunctionalInterface
  private interface Wait {
    void run() throws InterruptedException;
  }

  /** Waits until a thread has ended. */
  public static void join(Thread thread) {
    wait(thread::join);
  }

  /** Waits until a latch is open. */
  public static void await(CountDownLatch latch) {
    wait(latch::await);
  }

  private static void wait(Wait wait) {
    boolean interrupted = false;
    while (true) {
      try {
        wait.run();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
