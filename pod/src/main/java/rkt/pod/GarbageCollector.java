package rkt.pod;

import rkt.schema.EngineException;

/** {@code rkt gc}; speaks through the engine's {@link Reporter}. */
public final class GarbageCollector {
  GarbageCollector() {}

  public void collect(GcRequest request) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
