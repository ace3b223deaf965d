package rkt.cli.render;

import org.jspecify.annotations.Nullable;

/**
 * The rule at the end of a TZif file, in the notation of POSIX {@code TZ}: {@code
 * CET-1CEST,M3.5.0,M10.5.0/3}. It tells the offset after the last transition in the file.
 */
final class PosixRule {
  private static final int DAY = 86_400;

  /**
   * One change per year. kind 'M' month.week.day, 'J' day 1-365 without leap day, 'N' day 0-365.
   */
  private record Change(char kind, int month, int week, int day, int second) {}

  private final LocalZone.Offset standard;
  private final LocalZone.@Nullable Offset summer;
  private final Change start;
  private final Change end;

  private PosixRule(
      LocalZone.Offset standard, LocalZone.@Nullable Offset summer, Change start, Change end) {
    this.standard = standard;
    this.summer = summer;
    this.start = start;
    this.end = end;
  }

  static PosixRule parse(String text) {
    Reader in = new Reader(text);
    String name = in.name();
    LocalZone.Offset standard = new LocalZone.Offset(-in.time(), name);
    Change none = new Change('N', 0, 0, 0, 0);
    if (in.done()) {
      return new PosixRule(standard, null, none, none);
    }
    String summerName = in.name();
    int ahead = in.done() || in.peek() == ',' ? standard.seconds() + 3600 : -in.time();
    LocalZone.Offset summer = new LocalZone.Offset(ahead, summerName);
    if (in.done()) {
      return new PosixRule(
          standard, summer, new Change('M', 3, 2, 0, 7200), new Change('M', 11, 1, 0, 7200));
    }
    in.expect(',');
    Change start = in.change();
    in.expect(',');
    return new PosixRule(standard, summer, start, in.change());
  }

  LocalZone.Offset at(long epochSecond) {
    LocalZone.Offset ahead = summer;
    if (ahead == null) {
      return standard;
    }
    int year = year(epochSecond + standard.seconds());
    long from = instant(start, year, standard.seconds());
    long to = instant(end, year, ahead.seconds());
    boolean inSummer =
        from < to
            ? epochSecond >= from && epochSecond < to
            : epochSecond >= from || epochSecond < to;
    return inSummer ? ahead : standard;
  }

  private static int year(long localSecond) {
    int year = (int) (1970 + Math.floorDiv(localSecond, (long) (365.2425 * DAY)));
    while (firstDay(year) * DAY > localSecond) {
      year--;
    }
    while (firstDay(year + 1) * DAY <= localSecond) {
      year++;
    }
    return year;
  }

  /** Days from the epoch to January 1st. */
  private static long firstDay(int year) {
    long before = year - 1L;
    return before * 365 + before / 4 - before / 100 + before / 400 - 719_162;
  }

  private static boolean leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  }

  private static int monthLength(int year, int month) {
    return month == 2
        ? (leap(year) ? 29 : 28)
        : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  private static long instant(Change change, int year, int offset) {
    long day = firstDay(year);
    if (change.kind() == 'J') {
      day += change.day() - 1 + (leap(year) && change.day() >= 60 ? 1 : 0);
    } else if (change.kind() == 'N') {
      day += change.day();
    } else {
      for (int month = 1; month < change.month(); month++) {
        day += monthLength(year, month);
      }
      long monthEnd = day + monthLength(year, change.month());
      // 1970-01-01 was a Thursday, weekday 4 with Sunday as 0.
      long weekday = Math.floorMod(day + 4, 7L);
      day += Math.floorMod(change.day() - weekday, 7L) + (change.week() - 1) * 7L;
      while (day >= monthEnd) {
        day -= 7;
      }
    }
    return day * DAY + change.second() - offset;
  }

  /** A cursor over the rule's text. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    boolean done() {
      return at >= text.length();
    }

    char peek() {
      return text.charAt(at);
    }

    void expect(char c) {
      if (peek() != c) {
        throw new IllegalArgumentException("bad TZ rule: " + text);
      }
      at++;
    }

    String name() {
      int from = at;
      if (peek() == '<') {
        at = text.indexOf('>', from) + 1;
        return text.substring(from + 1, at - 1);
      }
      while (!done() && Character.isLetter(peek())) {
        at++;
      }
      return text.substring(from, at);
    }

    /** {@code [+-]h[:m[:s]]} in seconds. */
    int time() {
      int sign = 1;
      if (peek() == '-' || peek() == '+') {
        sign = peek() == '-' ? -1 : 1;
        at++;
      }
      int seconds = number() * 3600;
      for (int unit = 60; unit > 0 && !done() && peek() == ':'; unit /= 60) {
        at++;
        seconds += number() * unit;
      }
      return sign * seconds;
    }

    int number() {
      int from = at;
      while (!done() && peek() >= '0' && peek() <= '9') {
        at++;
      }
      return Integer.parseInt(text.substring(from, at));
    }

    Change change() {
      char kind = peek();
      int month = 0;
      int week = 0;
      int day;
      if (kind == 'M') {
        at++;
        month = number();
        expect('.');
        week = number();
        expect('.');
        day = number();
      } else {
        at += kind == 'J' ? 1 : 0;
        day = number();
      }
      int second = 7200;
      if (!done() && peek() == '/') {
        at++;
        second = time();
      }
      return new Change(kind == 'M' || kind == 'J' ? kind : 'N', month, week, day, second);
    }
  }
}
