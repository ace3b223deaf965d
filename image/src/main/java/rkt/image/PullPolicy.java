package rkt.image;

import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** When to ask the store and when to go remote. Local files are imported under every policy. */
public enum PullPolicy {
  /** The store only. */
  NEVER("never"),
  /** The store, and the remote if the image is missing; the default of run and prepare. */
  NEW("new"),
  /** Always the remote, downloading only what is not stored yet; the default of fetch. */
  UPDATE("update");

  private final String word;

  PullPolicy(String word) {
    this.word = word;
  }

  /** As written on the command line. */
  public String word() {
    return word;
  }

  /**
   * The ancestor took any other word for {@code new}; a misspelt {@code never} that opens the
   * network is worse than a refusal.
   */
  public static PullPolicy parse(String word) throws EngineException {
    for (PullPolicy policy : values()) {
      if (policy.word.equals(word)) {
        return policy;
      }
    }
    throw EngineException.of(
        ErrorCode.USAGE,
        "parse --pull-policy",
        "unknown pull policy \"" + word + "\"",
        "use never, new or update");
  }

  boolean asksStore() {
    return this != UPDATE;
  }

  boolean asksRemote() {
    return this != NEVER;
  }
}
