package rkt.pod;

import rkt.schema.appc.PodUuid;

/** {@code rkt stop}. */
public final class Stopper {
  Stopper() {}

  /** Asks the pod to stop, or with {@code force} kills it. */
  public StopOutcome stop(PodUuid uuid, boolean force) {
    throw new UnsupportedOperationException();
  }
}
