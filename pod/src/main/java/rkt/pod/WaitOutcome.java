package rkt.pod;

/** What came of waiting for a pod. */
public enum WaitOutcome {
  /** What was waited for has happened. */
  REACHED,
  /** The time is up. */
  TIMED_OUT
}
