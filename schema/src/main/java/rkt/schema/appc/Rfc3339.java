package rkt.schema.appc;

import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * RFC 3339 time stamps, checked without {@code java.time}: its formatters cost too much at start.
 */
final class Rfc3339 {
  private static final int DATE_AND_TIME = "2006-01-02T15:04:05".length();

  private Rfc3339() {}

  /** Fails unless the text is a date, {@code T}, a time and a zone. */
  static void check(String text) {
    if (!isValid(text)) {
      throw new SchemaException("bad Date: " + Texts.quote(text));
    }
  }

  private static boolean isValid(String text) {
    if (text.length() <= DATE_AND_TIME
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(10) != 'T'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return false;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    boolean date = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= days(year, month);
    return date
        && inRange(number(text, 11, 13), 23)
        && inRange(number(text, 14, 16), 59)
        && inRange(number(text, 17, 19), 59)
        && isZone(text, skipFraction(text));
  }

  private static int skipFraction(String text) {
    int at = DATE_AND_TIME;
    if (text.charAt(at) != '.') {
      return at;
    }
    at++;
    int start = at;
    while (at < text.length() && Texts.isDigit(text.charAt(at))) {
      at++;
    }
    return at == start ? text.length() : at;
  }

  private static boolean isZone(String text, int at) {
    int left = text.length() - at;
    if (left == 1) {
      return text.charAt(at) == 'Z';
    }
    return left == 6
        && (text.charAt(at) == '+' || text.charAt(at) == '-')
        && inRange(number(text, at + 1, at + 3), 23)
        && text.charAt(at + 3) == ':'
        && inRange(number(text, at + 4, at + 6), 59);
  }

  private static boolean inRange(int value, int max) {
    return value >= 0 && value <= max;
  }

  private static int days(int year, int month) {
    if (month == 2) {
      boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
      return leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  /** The number in {@code text[from, to)}, or -1 if there is anything but digits. */
  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!Texts.isDigit(c)) {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }
}
