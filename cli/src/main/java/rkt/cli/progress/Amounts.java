package rkt.cli.progress;

/**
 * Numbers as progress lines show them: bytes in powers of 1000 as the ancestor's, and durations.
 */
final class Amounts {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
  private static final int MINUTE = 60;
  private static final int HOUR = 3600;
  private static final int DAY = 24 * HOUR;

  private Amounts() {}

  /** Three digits that count: {@code 999 B}, {@code 3.2 MB}, {@code 12.3 GB}. */
  static String bytes(long count) {
    double value = Math.max(0, count);
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    long scale = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
    long scaled = Math.round(value * scale);
    StringBuilder text = new StringBuilder(10).append(scaled / scale);
    long fraction = scaled % scale;
    if (fraction > 0) {
      text.append('.');
      if (decimals == 2 && fraction < 10) {
        text.append('0');
      }
      text.append(decimals == 2 && fraction % 10 == 0 ? fraction / 10 : fraction);
    }
    return text.append(' ').append(UNITS[unit]).toString();
  }

  /** {@code 12s}, {@code 3m05s}, {@code 2h10m}, {@code 3d4h}. */
  static String seconds(long seconds) {
    if (seconds < MINUTE) {
      return seconds + "s";
    } else if (seconds < HOUR) {
      return seconds / MINUTE + "m" + two(seconds % MINUTE) + "s";
    } else if (seconds < DAY) {
      return seconds / HOUR + "h" + two(seconds % HOUR / MINUTE) + "m";
    }
    return seconds / DAY + "d" + seconds % DAY / HOUR + "h";
  }

  /** {@code 0.4s} below ten seconds, else as {@link #seconds}. */
  static String millis(long millis) {
    if (millis < 9_950) {
      long tenths = (millis + 50) / 100;
      return tenths / 10 + "." + tenths % 10 + "s";
    }
    return seconds((millis + 500) / 1000);
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
