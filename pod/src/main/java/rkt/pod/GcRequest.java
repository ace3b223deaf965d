package rkt.pod;

import java.time.Duration;

/**
 * One {@code rkt gc}.
 *
 * @param gracePeriod how long an exited pod stays, counted from when it was marked
 * @param expirePrepared how long a prepared pod may wait to be run
 * @param markOnly mark, delete nothing
 */
public record GcRequest(Duration gracePeriod, Duration expirePrepared, boolean markOnly) {}
