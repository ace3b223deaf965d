package rkt.pod;

/** What a pod is doing, told by where its directory is and whether its exclusive lock is held. */
public enum PodState {
  EMBRYO("embryo"),
  PREPARING("preparing"),
  ABORTED_PREPARE("aborted prepare"),
  PREPARED("prepared"),
  RUNNING("running"),
  EXITED("exited"),
  EXITED_DELETING("exited deleting"),
  EXITED_GARBAGE("exited garbage"),
  DELETING("deleting"),
  GARBAGE("garbage");

  private final String text;

  PodState(String text) {
    this.text = text;
  }

  /** The word that users and scripts see. */
  public String text() {
    return text;
  }

  /**
   * Being made or removed by another process right now, so that any of its files may be missing.
   */
  public boolean onTheMove() {
    return this == EMBRYO || this == PREPARING || this == EXITED_DELETING || this == DELETING;
  }

  /** True once the pod has run and ended, whatever has become of its directory since. */
  public boolean afterRun() {
    return this == EXITED || this == EXITED_DELETING || this == EXITED_GARBAGE;
  }
}
