package rkt.image;

import java.io.PrintStream;

/**
 * One line on a terminal that says how far a download is, rewritten in place a few times a second.
 * Make one only when standard error is a terminal. Safe for several threads.
 */
public final class ProgressLine {
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream terminal;
  private long drawnAt;
  private boolean drawn;

  public ProgressLine(PrintStream terminal) {
    this.terminal = terminal;
    this.drawnAt = System.nanoTime() - REDRAW_NANOS;
  }

  /** For {@link Diagnostics#progress}. */
  public synchronized void show(String what, long done, long total) {
    long now = System.nanoTime();
    if (now - drawnAt < REDRAW_NANOS) {
      return;
    }
    drawnAt = now;
    drawn = true;
    String text =
        total > 0
            ? size(done) + "/" + size(total) + " " + Math.min(100, done * 100 / total) + "%"
            : size(done) + " of an unknown total size";
    terminal.print(ERASE_LINE + "Downloading " + what + ": " + text);
    terminal.flush();
  }

  /** For {@link Diagnostics#progressDone}; also before any other line is printed. */
  public synchronized void wipe() {
    if (drawn) {
      drawn = false;
      terminal.print(ERASE_LINE);
      terminal.flush();
    }
  }

  /** With one decimal, in units of 1000. */
  static String size(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    int unit = 0;
    long tenths = bytes * 10;
    if (bytes > Long.MAX_VALUE / 10) {
      tenths = bytes / 1000 * 10;
      unit = 1;
    }
    while (tenths >= 10_000 && unit < units.length - 1) {
      tenths /= 1000;
      unit++;
    }
    return unit == 0 ? tenths / 10 + " B" : tenths / 10 + "." + tenths % 10 + " " + units[unit];
  }
}
