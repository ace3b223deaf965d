package rkt.cli.progress;

/** Bytes per second over the last seconds, out of samples taken now and then. */
final class Rate {
  /** Long enough to be steady, short enough to notice that a transfer stalls. */
  private static final long WINDOW_NANOS = 5_000_000_000L;

  private static final int SAMPLES = 64;
  private static final double SECOND = 1e9;

  private final long[] times = new long[SAMPLES];
  private final long[] counts = new long[SAMPLES];
  private int oldest;
  private int size;

  Rate(long now) {
    sample(now, 0);
  }

  void sample(long now, long count) {
    while (size > 1 && now - times[oldest] > WINDOW_NANOS) {
      drop();
    }
    if (size == SAMPLES) {
      drop();
    }
    int at = (oldest + size) % SAMPLES;
    times[at] = now;
    counts[at] = count;
    size++;
  }

  private void drop() {
    oldest = (oldest + 1) % SAMPLES;
    size--;
  }

  long perSecond() {
    int newest = (oldest + size - 1) % SAMPLES;
    long nanos = times[newest] - times[oldest];
    return nanos <= 0 ? 0 : (long) ((counts[newest] - counts[oldest]) * SECOND / nanos);
  }
}
