package rkt.cli.grammar;

/** Values in the notations of Go's {@code strconv}, {@code time} and {@code fmt}. */
public final class Values {
  /** A duration longer than any run: about 292 years, the ceiling of Go's {@code Duration}. */
  public static final long FOREVER_NANOS = Long.MAX_VALUE;

  private Values() {}

  /** Reads a boolean as {@code strconv.ParseBool} does. */
  public static boolean bool(String text) throws UsageException {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw new UsageException(
              "strconv.ParseBool: parsing " + quote(text) + ": invalid syntax");
    };
  }

  /** Whether {@link #bool} accepts the text. */
  public static boolean isBool(String text) {
    try {
      bool(text);
      return true;
    } catch (UsageException e) {
      return false;
    }
  }

  /**
   * Reads a duration as {@code time.ParseDuration} does: a sign, then decimal numbers each with a
   * unit out of ns, us, ms, s, m, h; or a plain {@code 0}.
   *
   * @return nanoseconds
   */
  public static long duration(String text) throws UsageException {
    int i = 0;
    boolean negative = false;
    if (i < text.length() && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
      negative = text.charAt(i) == '-';
      i++;
    }
    if (text.length() - i == 1 && text.charAt(i) == '0') {
      return 0;
    }
    if (i >= text.length()) {
      throw badDuration(text);
    }
    double total = 0;
    long exact = 0;
    while (i < text.length()) {
      int start = i;
      while (i < text.length() && (digit(text.charAt(i)) || text.charAt(i) == '.')) {
        i++;
      }
      String number = text.substring(start, i);
      int dot = number.indexOf('.');
      boolean twoDots = dot != number.lastIndexOf('.');
      if (number.isEmpty() || number.equals(".") || twoDots) {
        throw badDuration(text);
      }
      int unitStart = i;
      while (i < text.length() && !digit(text.charAt(i)) && text.charAt(i) != '.') {
        i++;
      }
      String unitName = text.substring(unitStart, i);
      if (unitName.isEmpty()) {
        throw new UsageException("time: missing unit in duration " + quote(text));
      }
      long unit = unitNanos(unitName, text);
      double part = Double.parseDouble(number) * unit;
      total += part;
      if (total >= 0x1p63) {
        throw badDuration(text);
      }
      exact += dot < 0 ? Long.parseLong(number) * unit : Math.round(part);
    }
    return negative ? -exact : exact;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static long unitNanos(String unit, String text) throws UsageException {
    return switch (unit) {
      case "ns" -> 1L;
      case "us", "\u00b5s", "\u03bcs" -> 1_000L;
      case "ms" -> 1_000_000L;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      default ->
          throw new UsageException(
              "time: unknown unit " + quote(unit) + " in duration " + quote(text));
    };
  }

  private static UsageException badDuration(String text) {
    return new UsageException("time: invalid duration " + quote(text));
  }

  /**
   * Writes whole seconds and above as Go's {@code Duration.String}: {@code 30m0s}, {@code 1h0m5s}.
   */
  public static String durationText(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    long rest = nanos;
    if (rest < 0) {
      text.append('-');
      rest = -rest;
    }
    if (rest < 1_000_000_000L) {
      if (rest < 1_000L) {
        return text.append(rest).append("ns").toString();
      }
      boolean micro = rest < 1_000_000L;
      long unit = micro ? 1_000L : 1_000_000L;
      fraction(text, rest / unit, rest % unit, micro ? 3 : 6);
      return text.append(micro ? "\u00b5s" : "ms").toString();
    }
    long hours = rest / 3_600_000_000_000L;
    long minutes = rest / 60_000_000_000L % 60;
    if (hours > 0) {
      text.append(hours).append('h');
    }
    if (hours > 0 || minutes > 0) {
      text.append(minutes).append('m');
    }
    fraction(text, rest / 1_000_000_000L % 60, rest % 1_000_000_000L, 9);
    return text.append('s').toString();
  }

  private static void fraction(StringBuilder text, long whole, long part, int digits) {
    text.append(whole);
    if (part == 0) {
      return;
    }
    String padded = Long.toString(part);
    text.append('.');
    for (int i = padded.length(); i < digits; i++) {
      text.append('0');
    }
    int end = padded.length();
    while (padded.charAt(end - 1) == '0') {
      end--;
    }
    text.append(padded, 0, end);
  }

  /** Quotes as Go's {@code %q}: control characters, quotes and backslashes are escaped. */
  public static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' ' || c == 0x7f) {
            quoted.append("\\x");
            quoted.append(Character.forDigit(c >> 4, 16));
            quoted.append(Character.forDigit(c & 15, 16));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
