package rkt.cli.progress;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Lines for logs and files: when a transfer begins, when it ends, and every ten seconds between.
 */
final class PlainDisplay implements Display {
  private static final int PERIOD = 1000;
  private static final long SPOKEN_EVERY_MILLIS = 10_000;
  private static final int WIDTH = 100;

  private final Consumer<String> lines;
  private final Map<Long, Long> spoken = new HashMap<>();

  PlainDisplay(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public int periodMillis() {
    return PERIOD;
  }

  @Override
  public void began(Snapshot task) {
    spoken.put(task.id(), 0L);
    lines.accept(TransferLine.running(task, WIDTH));
  }

  @Override
  public void tick(List<Snapshot> active) {
    for (Snapshot task : active) {
      long last = spoken.getOrDefault(task.id(), 0L);
      if (task.elapsedMillis() - last >= SPOKEN_EVERY_MILLIS) {
        spoken.put(task.id(), task.elapsedMillis());
        lines.accept(TransferLine.running(task, WIDTH));
      }
    }
  }

  @Override
  public void ended(Snapshot task, String outcome, List<Snapshot> left) {
    spoken.remove(task.id());
    lines.accept(TransferLine.ended(task, outcome, WIDTH));
  }
}
