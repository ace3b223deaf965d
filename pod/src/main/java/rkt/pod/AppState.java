package rkt.pod;

/** What an app of a pod is doing. */
public enum AppState {
  UNKNOWN("unknown"),
  CREATED("created"),
  RUNNING("running"),
  EXITED("exited");

  private final String text;

  AppState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
