package rkt.cli.progress;

import java.util.List;

/** One way to show transfers. Called by one thread at a time. */
interface Display {
  /** How often {@link #tick} is wanted; 0 for never. */
  int periodMillis();

  void began(Snapshot task);

  /** Time has passed. */
  void tick(List<Snapshot> active);

  /**
   * @param outcome {@code done}, {@code exists}, {@code resumed}, or {@code stopped} for what did
   *     not end well
   * @param left what still goes on
   */
  void ended(Snapshot task, String outcome, List<Snapshot> left);
}
