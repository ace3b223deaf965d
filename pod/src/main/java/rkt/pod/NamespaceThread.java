package rkt.pod;

import org.jspecify.annotations.Nullable;
import rkt.os.Uninterruptibly;
import rkt.schema.EngineException;

/**
 * Runs work that changes its thread's namespaces or working directory. The thread ends with the
 * work, and with it whatever it unshared: mounts made there vanish by themselves, and no other
 * thread ever sees them.
 */
final class NamespaceThread {
  /** Work that may fail as the engine does. */
  interface Work {
    void run() throws EngineException;
  }

  private NamespaceThread() {}

  /** Waits for the work; its failure is this call's. */
  static void run(String name, Work work) throws EngineException {
    Carrier carrier = new Carrier(work);
    Thread thread = new Thread(carrier, name);
    thread.start();
    // Half a launch cannot be abandoned: its thread holds mounts and the pod's lock.
    Uninterruptibly.join(thread);
    carrier.rethrow();
  }

  private static final class Carrier implements Runnable {
    private final Work work;
    private @Nullable Throwable failure;

    Carrier(Work work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        work.run();
      } catch (EngineException | RuntimeException | Error e) {
        failure = e;
      }
    }

    void rethrow() throws EngineException {
      // Not a pattern switch: its first use costs ten milliseconds (docs/adr/0001).
      if (failure instanceof EngineException e) {
        throw e;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
    }
  }
}
