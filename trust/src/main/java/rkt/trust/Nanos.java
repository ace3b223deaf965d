package rkt.trust;

import java.time.Instant;

/** Times as verdicts keep them. */
final class Nanos {
  private Nanos() {}

  /** Nanoseconds since the epoch. */
  static long of(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}
