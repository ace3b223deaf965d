package rkt.cli.render;

/** Times as tables and status lines show them. */
public final class Times {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long WEEK = 7 * DAY;
  private static final long MONTH = 30 * DAY;
  private static final long YEAR = 12 * MONTH;
  private static final long LONG_TIME = 37 * YEAR;

  private Times() {}

  /** "2 minutes ago", "now", "3 weeks from now"; both times in seconds since the epoch. */
  public static String relative(long thenSeconds, long nowSeconds) {
    long diff = nowSeconds - thenSeconds;
    String label = "ago";
    if (diff < 0) {
      label = "from now";
      diff = -diff;
    }
    if (diff < 1) {
      return "now";
    } else if (diff < 2) {
      return "1 second " + label;
    } else if (diff < MINUTE) {
      return diff + " seconds " + label;
    } else if (diff < 2 * MINUTE) {
      return "1 minute " + label;
    } else if (diff < HOUR) {
      return diff / MINUTE + " minutes " + label;
    } else if (diff < 2 * HOUR) {
      return "1 hour " + label;
    } else if (diff < DAY) {
      return diff / HOUR + " hours " + label;
    }
    return days(diff, label);
  }

  private static String days(long diff, String label) {
    if (diff < 2 * DAY) {
      return "1 day " + label;
    } else if (diff < WEEK) {
      return diff / DAY + " days " + label;
    } else if (diff < 2 * WEEK) {
      return "1 week " + label;
    } else if (diff < MONTH) {
      return diff / WEEK + " weeks " + label;
    } else if (diff < 2 * MONTH) {
      return "1 month " + label;
    } else if (diff < YEAR) {
      return diff / MONTH + " months " + label;
    } else if (diff < 18 * MONTH) {
      return "1 year " + label;
    } else if (diff < 2 * YEAR) {
      return "2 years " + label;
    } else if (diff < LONG_TIME) {
      return diff / YEAR + " years " + label;
    }
    return "a long while " + label;
  }

  /** Go's layout {@code 2006-01-02 15:04:05.999 -0700 MST}, in the given zone. */
  public static String full(long nanos, LocalZone zone) {
    long seconds = Math.floorDiv(nanos, 1_000_000_000L);
    LocalZone.Offset offset = zone.at(seconds);
    long local = seconds + offset.seconds();
    StringBuilder text = new StringBuilder(40);
    date(text, Math.floorDiv(local, DAY));
    long second = Math.floorMod(local, DAY);
    text.append(' ');
    two(text, second / HOUR).append(':');
    two(text, second / MINUTE % 60).append(':');
    two(text, second % 60);
    millis(text, Math.floorMod(nanos, 1_000_000_000L) / 1_000_000L);
    text.append(' ').append(offset.seconds() < 0 ? '-' : '+');
    long minutes = Math.abs(offset.seconds()) / 60;
    two(text, minutes / 60);
    two(text, minutes % 60).append(' ').append(offset.abbreviation());
    return text.toString();
  }

  /** Days since the epoch to a date of the Gregorian calendar, by eras of 400 years. */
  private static void date(StringBuilder text, long epochDay) {
    long shifted = epochDay + 719_468; // days from 0000-03-01, so that leap days end a year
    long era = Math.floorDiv(shifted, 146_097L);
    long dayOfEra = Math.floorMod(shifted, 146_097L);
    long yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long marchMonth = (5 * dayOfYear + 2) / 153;
    long day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    long month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    String digits = Long.toString(year);
    for (int i = digits.length(); i < 4; i++) {
      text.append('0');
    }
    text.append(digits).append('-');
    two(text, month).append('-');
    two(text, day);
  }

  private static StringBuilder two(StringBuilder text, long value) {
    return text.append((char) ('0' + value / 10)).append((char) ('0' + value % 10));
  }

  /** Up to three digits, trailing zeros cut; nothing at all for a whole second. */
  private static void millis(StringBuilder text, long millis) {
    if (millis == 0) {
      return;
    }
    text.append('.').append((char) ('0' + millis / 100));
    if (millis % 100 != 0) {
      text.append((char) ('0' + millis / 10 % 10));
    }
    if (millis % 10 != 0) {
      text.append((char) ('0' + millis % 10));
    }
  }
}
