package rkt.pod;

/** The six places a pod's directory can be in, in the order a lookup tries them. */
public enum PodDirectory {
  EMBRYO("embryo", PodState.EMBRYO, PodState.EMBRYO),
  PREPARE("prepare", PodState.PREPARING, PodState.ABORTED_PREPARE),
  PREPARED("prepared", PodState.PREPARED, PodState.PREPARED),
  RUN("run", PodState.RUNNING, PodState.EXITED),
  EXITED_GARBAGE("exited-garbage", PodState.EXITED_DELETING, PodState.EXITED_GARBAGE),
  GARBAGE("garbage", PodState.DELETING, PodState.GARBAGE);

  private final String dirName;
  private final PodState locked;
  private final PodState unlocked;

  PodDirectory(String dirName, PodState locked, PodState unlocked) {
    this.dirName = dirName;
    this.locked = locked;
    this.unlocked = unlocked;
  }

  /** The name below {@code <data>/pods}. */
  public String dirName() {
    return dirName;
  }

  /** The state of a pod here, given whether its exclusive lock is held by somebody. */
  public PodState state(boolean exclusivelyLocked) {
    return exclusivelyLocked ? locked : unlocked;
  }
}
