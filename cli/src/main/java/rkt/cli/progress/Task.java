package rkt.cli.progress;

import java.util.concurrent.atomic.LongAdder;
import rkt.cli.render.PlainText;
import rkt.image.Transfer;

/** One transfer under way. */
final class Task implements Transfer {
  private static final long MILLI = 1_000_000;
  private static final int LONGEST_LABEL = 200;

  /**
   * No read from a network brings that much at once: it was kept from an earlier, interrupted
   * transfer, and would make the rate look too good.
   */
  private static final long KEPT = 1 << 20;

  private final Progress progress;
  private final long id;
  private final String what;
  private final long total;
  private final long begin;
  private final LongAdder fresh = new LongAdder();
  private final LongAdder kept = new LongAdder();
  private final Rate rate;
  private String outcome = "stopped";

  Task(Progress progress, long id, String what, long total, long now) {
    this.progress = progress;
    this.id = id;
    this.what =
        PlainText.cell(what.length() > LONGEST_LABEL ? what.substring(0, LONGEST_LABEL) : what);
    this.total = total;
    this.begin = now;
    this.rate = new Rate(now);
  }

  @Override
  public void advance(long bytes) {
    (bytes > KEPT ? kept : fresh).add(bytes);
  }

  @Override
  public void done(String how) {
    outcome = how;
  }

  @Override
  public void close() {
    progress.ended(this, outcome);
  }

  void sample(long now) {
    rate.sample(now, fresh.sum());
  }

  Snapshot snapshot(long now) {
    long bytes = fresh.sum();
    long millis = Math.max(0, (now - begin) / MILLI);
    long average = millis == 0 ? 0 : (long) (bytes * 1000.0 / millis);
    return new Snapshot(id, what, total, bytes + kept.sum(), rate.perSecond(), average, millis);
  }
}
