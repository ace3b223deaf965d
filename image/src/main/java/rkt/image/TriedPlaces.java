package rkt.image;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * What came of asking several places for the same thing: all of it is told, the most telling reason
 * last. That a signature is wrong matters more than that a mirror is down.
 */
public final class TriedPlaces {
  private record Failed(String place, EngineException failure) {
    /** The place is often named by the reason. */
    String shown() {
      String why = failure.why();
      return why.contains(place) ? why : place + ": " + why;
    }
  }

  private final List<Failed> failures = new ArrayList<>();

  /** Notes a failure, in the order of asking. */
  public void failed(String place, EngineException failure) {
    failures.add(new Failed(place, failure));
  }

  public boolean any() {
    return !failures.isEmpty();
  }

  /**
   * The failure of all; of equally telling ones the later counts.
   *
   * @throws IllegalStateException when nothing failed
   */
  public EngineException failure() {
    if (failures.isEmpty()) {
      throw new IllegalStateException("no place was tried");
    }
    Failed last = failures.get(0);
    for (Failed each : failures) {
      last = weight(each.failure) >= weight(last.failure) ? each : last;
    }
    if (failures.size() == 1) {
      return last.failure;
    }
    StringBuilder why = new StringBuilder();
    why.append("none of ").append(failures.size()).append(" places has it: ");
    for (Failed each : failures) {
      if (each != last) {
        why.append(each.shown()).append("; ");
      }
    }
    why.append(last.shown());
    EngineException shown = last.failure;
    // Without a cause: of several layers the user sees the reason of the innermost one.
    EngineException all =
        EngineException.of(shown.code(), shown.attempted(), why.toString(), shown.remedy());
    for (Failed each : failures) {
      all.addSuppressed(each.failure);
    }
    return all;
  }

  private static int weight(EngineException failure) {
    ErrorCode code = failure.code();
    if (code == ErrorCode.NETWORK) {
      return 0;
    }
    if (code == ErrorCode.NOT_FOUND) {
      return 1;
    }
    return code == ErrorCode.PERMISSION ? 2 : 3;
  }
}
