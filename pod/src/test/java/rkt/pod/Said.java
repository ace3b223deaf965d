package rkt.pod;

import java.util.ArrayList;
import java.util.List;

/** Keeps what the engine said. */
final class Said implements Reporter {
  final List<String> out = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  final List<String> debug = new ArrayList<>();

  @Override
  public void out(String line) {
    out.add(line);
  }

  @Override
  public void note(String who, String line) {
    notes.add(line);
  }

  @Override
  public void debug(String who, String line) {
    debug.add(line);
  }

  @Override
  public boolean debugging() {
    return true;
  }
}
