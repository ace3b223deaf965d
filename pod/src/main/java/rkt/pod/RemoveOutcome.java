package rkt.pod;

import rkt.schema.EngineException;

/** What came of removing one pod. */
public sealed interface RemoveOutcome {
  record Removed() implements RemoveOutcome {}

  /** Somebody uses the pod; {@code why} is the sentence for the user. */
  record Busy(String why) implements RemoveOutcome {}

  /** It could not be removed entirely; what is left is garbage that a later gc takes. */
  record Failed(EngineException why) implements RemoveOutcome {}
}
