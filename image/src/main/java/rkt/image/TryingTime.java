package rkt.image;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** How long one place after the other may be tried: each of them may fail as slowly as it likes. */
final class TryingTime {
  private final InstantSource clock;
  private final Instant end;

  /** Begins now. */
  TryingTime(InstantSource clock, Duration all) {
    this.clock = clock;
    this.end = clock.instant().plus(all);
  }

  boolean isUp() {
    return clock.instant().isAfter(end);
  }
}
