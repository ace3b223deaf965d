package rkt.pod;

import java.time.Duration;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** Waits for a pod to be ready or to end. */
public final class Waiter {
  Waiter() {}

  /** Until the pod has ended; at most {@code timeout}, forever without one. */
  public WaitOutcome awaitExit(PodUuid uuid, Optional<Duration> timeout) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Until every app of the pod has started; at most {@code timeout}, forever without one. */
  public WaitOutcome awaitReady(PodUuid uuid, Optional<Duration> timeout) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
