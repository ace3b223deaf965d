package rkt.schema.appc;

import java.math.BigDecimal;
import java.math.RoundingMode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * A resource quantity in the Kubernetes notation: a decimal number and a suffix, decimal ({@code n
 * u m k M G T P E}; also {@code K}, as the appc specification spells it), binary ({@code Ki Mi Gi
 * Ti Pi Ei}) or a decimal exponent ({@code e3}, {@code E-2}).
 *
 * <p>Reading and rounding work on longs: merely initializing {@link BigDecimal} costs a start of
 * rkt 30 ms. Only amounts that do not fit, and {@link #value}, need it.
 *
 * @param text as written
 */
public record Quantity(String text) {
  private static final int MAX_LENGTH = 64;
  private static final int MAX_EXPONENT = 30;
  // Every number of so many digits fits a long.
  private static final int SAFE_DIGITS = 18;
  private static final String DECIMAL = "num kMGTPE";
  private static final String BINARY = "KMGTPE";

  public Quantity {
    Reading.of(text);
  }

  /** A whole number without suffix. */
  public static Quantity of(long value) {
    return new Quantity(Long.toString(value));
  }

  /** The exact value. */
  public BigDecimal value() {
    Reading reading = Reading.of(text);
    return new BigDecimal(text.substring(0, reading.numberEnd()))
        .multiply(BigDecimal.valueOf(1L << reading.twos()))
        .scaleByPowerOfTen(reading.tens());
  }

  /** The value rounded up to an integer; the largest or smallest long if it does not fit. */
  public long ceilValue() {
    return rounded(0);
  }

  /** The value in thousandths, rounded up; the largest or smallest long if it does not fit. */
  public long milliValue() {
    return rounded(3);
  }

  /** Whether the value is below zero. */
  public boolean isNegative() {
    if (text.charAt(0) != '-') {
      return false;
    }
    for (int i = 1; i < Reading.of(text).numberEnd(); i++) {
      if (text.charAt(i) >= '1') {
        return true; // a digit that is not 0: the point sorts before the digits
      }
    }
    return false;
  }

  private long rounded(int moreTens) {
    Reading reading = Reading.of(text);
    if (reading.digits() > SAFE_DIGITS) {
      return roundedExactly(moreTens);
    }
    long value = reading.mantissa();
    if (value > Long.MAX_VALUE >> reading.twos()) {
      return roundedExactly(moreTens);
    }
    value <<= reading.twos();
    int tens = reading.tens() - reading.fraction() + moreTens;
    boolean remainder = false;
    for (; tens < 0 && value != 0; tens++) {
      remainder |= value % 10 != 0;
      value /= 10;
    }
    for (; tens > 0 && value != 0; tens--) {
      if (value > Long.MAX_VALUE / 10) {
        value = Long.MAX_VALUE;
        break;
      }
      value *= 10;
    }
    if (text.charAt(0) == '-') {
      return -value;
    }
    return remainder ? value + 1 : value;
  }

  private long roundedExactly(int moreTens) {
    BigDecimal exact = value().scaleByPowerOfTen(moreTens).setScale(0, RoundingMode.CEILING);
    BigDecimal largest = BigDecimal.valueOf(Long.MAX_VALUE);
    if (exact.compareTo(largest) >= 0) {
      return Long.MAX_VALUE;
    }
    return exact.compareTo(largest.negate()) <= 0 ? -Long.MAX_VALUE : exact.longValueExact();
  }

  /**
   * A quantity taken apart: {@code mantissa / 10^fraction * 2^twos * 10^tens}, without its sign.
   *
   * @param numberEnd where the suffix begins
   * @param digits of the number; beyond {@value #SAFE_DIGITS} the mantissa is meaningless
   */
  private record Reading(
      int numberEnd, int digits, long mantissa, int fraction, int twos, int tens) {
    static Reading of(String text) {
      if (text.length() > MAX_LENGTH) {
        throw bad(text);
      }
      int at = 0;
      if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
        at++;
      }
      int digits = 0;
      long mantissa = 0;
      int point = -1;
      for (; at < text.length(); at++) {
        char c = text.charAt(at);
        if (Texts.isDigit(c)) {
          digits++;
          mantissa = mantissa * 10 + (c - '0');
        } else if (c == '.' && point < 0) {
          point = digits;
        } else {
          break;
        }
      }
      if (digits == 0) {
        throw bad(text);
      }
      int fraction = point < 0 ? 0 : digits - point;
      return new Reading(at, digits, mantissa, fraction, twos(text, at), tens(text, at));
    }

    /** The power of two a binary suffix stands for; 0 for any other. */
    private static int twos(String text, int at) {
      boolean binary = text.length() - at == 2 && text.charAt(at + 1) == 'i';
      if (!binary) {
        return 0;
      }
      int index = BINARY.indexOf(text.charAt(at));
      if (index < 0) {
        throw bad(text);
      }
      return 10 * (index + 1);
    }

    /** The power of ten a decimal suffix or exponent stands for; 0 for any other. */
    private static int tens(String text, int at) {
      int length = text.length() - at;
      if (length == 0 || (length == 2 && text.charAt(at + 1) == 'i')) {
        return 0;
      }
      char c = text.charAt(at);
      if (length == 1) {
        int index = DECIMAL.indexOf(c == 'K' ? 'k' : c);
        if (index < 0 || c == ' ') {
          throw bad(text);
        }
        return (index - DECIMAL.indexOf(' ')) * 3;
      }
      if (c != 'e' && c != 'E') {
        throw bad(text);
      }
      return exponent(text, at + 1);
    }

    private static int exponent(String text, int at) {
      boolean negative = text.charAt(at) == '-';
      String digits = text.substring(negative || text.charAt(at) == '+' ? at + 1 : at);
      if (!Texts.isDigits(digits)) {
        throw bad(text);
      }
      // An unbounded exponent would let ten characters ask for gigabytes of digits.
      int value = digits.length() > 3 ? MAX_EXPONENT + 1 : Integer.parseInt(digits);
      if (value > MAX_EXPONENT) {
        throw new SchemaException("quantity out of range: " + Texts.quote(text));
      }
      return negative ? -value : value;
    }
  }

  private static SchemaException bad(String text) {
    return new SchemaException(
        "bad quantity: "
            + Texts.quote(text)
            + " (expected a number and one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an"
            + " exponent)");
  }

  @Override
  public String toString() {
    return text;
  }
}
