package rkt.pod;

import rkt.schema.EngineException;

/** What came of asking one pod to stop. */
public sealed interface StopOutcome {
  /** It was running and has been told. */
  record Stopped() implements StopOutcome {}

  /** It had ended before. */
  record AlreadyStopped() implements StopOutcome {}

  /** It has not run yet. */
  record NotRunning() implements StopOutcome {}

  /** It runs, and could not be told. */
  record Failed(EngineException why) implements StopOutcome {}
}
