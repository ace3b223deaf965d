package rkt.pod;

import java.time.Duration;
import rkt.schema.EngineException;
import rkt.store.GcReport;

/** {@code rkt image gc}: what no pod uses and nobody used for a while goes. */
public final class ImageCollector {
  ImageCollector() {}

  public GcReport collect(Duration gracePeriod) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
