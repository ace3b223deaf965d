package rkt.stage1;

/**
 * How much output of each app is kept in the pod directory.
 *
 * @param maxBytes size at which a log file is rotated; 0 keeps no logs
 * @param files how many files are kept in all, the current one included
 */
public record LogPolicy(long maxBytes, int files) {
  /** 10 MiB twice: enough to see why an app died, bounded for those that chatter for months. */
  public static final LogPolicy DEFAULT = new LogPolicy(10L << 20, 2);

  public LogPolicy {
    if (maxBytes < 0 || files < 1) {
      throw new IllegalArgumentException("log policy out of range");
    }
  }
}
