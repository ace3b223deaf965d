package rkt.cli.progress;

import java.util.List;

/** {@code --progress=none}. */
final class NoDisplay implements Display {
  @Override
  public int periodMillis() {
    return 0;
  }

  @Override
  public void began(Snapshot task) {}

  @Override
  public void tick(List<Snapshot> active) {}

  @Override
  public void ended(Snapshot task, String outcome, List<Snapshot> left) {}
}
