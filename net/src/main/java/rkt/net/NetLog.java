package rkt.net;

/** Where networking speaks to the user. */
public interface NetLog {
  /** A line that everybody sees. */
  void note(String line);

  /** A line for {@code --debug}. */
  void debug(String line);
}
