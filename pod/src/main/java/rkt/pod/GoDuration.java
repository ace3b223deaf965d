package rkt.pod;

import java.time.Duration;

/**
 * Durations as the ancestor printed them: {@code 24h0m0s}, {@code 1m30s}, {@code 1.5s}, {@code
 * 200ms}.
 */
final class GoDuration {
  private GoDuration() {}

  static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    if (duration.isNegative()) {
      return "-" + format(duration.negated());
    }
    long seconds = duration.getSeconds();
    int nanos = duration.getNano();
    if (seconds == 0) {
      if (nanos >= 1_000_000) {
        return fraction(nanos / 1_000_000, nanos % 1_000_000, 6) + "ms";
      }
      return nanos >= 1000 ? fraction(nanos / 1000, nanos % 1000, 3) + "µs" : nanos + "ns";
    }
    StringBuilder out = new StringBuilder();
    if (seconds >= 3600) {
      out.append(seconds / 3600).append('h');
    }
    if (seconds >= 60) {
      out.append(seconds / 60 % 60).append('m');
    }
    return out.append(fraction(seconds % 60, nanos, 9)).append('s').toString();
  }

  private static String fraction(long whole, int part, int digits) {
    if (part == 0) {
      return Long.toString(whole);
    }
    StringBuilder text = new StringBuilder(Integer.toString(part));
    while (text.length() < digits) {
      text.insert(0, '0');
    }
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return whole + "." + text.substring(0, end);
  }
}
