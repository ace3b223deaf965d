package rkt.pod;

import rkt.schema.appc.PodUuid;

/** {@code rkt rm}. */
public final class Remover {
  Remover() {}

  /** Removes the pod and all it left. */
  public RemoveOutcome remove(PodUuid uuid) {
    throw new UnsupportedOperationException();
  }
}
