package rkt.cli.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import rkt.os.WindowSize;

/** One line per transfer at the bottom of a terminal, redrawn in place. */
final class LiveDisplay implements Display {
  private static final int PERIOD = 100;
  private static final WindowSize UNKNOWN = new WindowSize(24, 80);

  /** Takes lines that stay, and the block below them that the next call replaces. */
  interface Screen {
    void draw(List<String> lines, List<String> block, int rows);
  }

  private final Screen screen;
  private final Supplier<WindowSize> size;

  LiveDisplay(Screen screen, Supplier<WindowSize> size) {
    this.screen = screen;
    this.size = size;
  }

  @Override
  public int periodMillis() {
    return PERIOD;
  }

  /** Shown by the next tick: what is over at once needs no line of its own. */
  @Override
  public void began(Snapshot task) {}

  @Override
  public void tick(List<Snapshot> active) {
    draw(List.of(), active);
  }

  @Override
  public void ended(Snapshot task, String outcome, List<Snapshot> left) {
    draw(List.of(TransferLine.ended(task, outcome, columns(now()))), left);
  }

  private void draw(List<String> lines, List<Snapshot> active) {
    WindowSize now = now();
    // The cursor rests on the line below the block.
    int most = Math.max(1, now.rows() - 1);
    int shown = active.size() <= most ? active.size() : most - 1;
    List<String> block = new ArrayList<>(shown + 1);
    for (Snapshot task : active.subList(0, shown)) {
      block.add(TransferLine.running(task, columns(now)));
    }
    if (shown < active.size()) {
      block.add(TransferLine.cut("... and " + (active.size() - shown) + " more", columns(now)));
    }
    screen.draw(lines, block, now.rows());
  }

  /** The last column stays free: some terminals wrap when it is written. */
  private static int columns(WindowSize now) {
    return Math.max(1, now.columns() - 1);
  }

  private WindowSize now() {
    WindowSize now = size.get();
    return new WindowSize(
        now.rows() > 0 ? now.rows() : UNKNOWN.rows(),
        now.columns() > 0 ? now.columns() : UNKNOWN.columns());
  }
}
