package rkt.cli.progress;

/**
 * A transfer at one moment.
 *
 * @param id counts the transfers of this process, from 1
 * @param what its label, safe to print, on one line
 * @param total bytes, negative when unknown
 * @param done bytes that are here
 * @param rate bytes per second of late; 0 when nothing arrives or nothing is known yet
 * @param average bytes per second since it began, without what an earlier transfer had left
 * @param elapsedMillis since it began
 */
record Snapshot(
    long id, String what, long total, long done, long rate, long average, long elapsedMillis) {

  /** Seconds until the end at the present rate; negative when nobody can tell. */
  long secondsLeft() {
    if (total < 0 || rate <= 0) {
      return -1;
    }
    return Math.ceilDiv(Math.max(0, total - done), rate);
  }
}
