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
 * @param text as written
 */
public record Quantity(String text) {
  private static final int MAX_LENGTH = 64;
  private static final int MAX_EXPONENT = 30;
  private static final String DECIMAL = "num kMGTPE";
  private static final String BINARY = "KMGTPE";
  private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

  public Quantity {
    compute(text);
  }

  /** A whole number without suffix. */
  public static Quantity of(long value) {
    return new Quantity(Long.toString(value));
  }

  /** The exact value. */
  public BigDecimal value() {
    return compute(text);
  }

  /** The value rounded up to an integer; the largest or smallest long if it does not fit. */
  public long ceilValue() {
    return saturated(value());
  }

  /** The value in thousandths, rounded up; the largest or smallest long if it does not fit. */
  public long milliValue() {
    return saturated(value().movePointRight(3));
  }

  private static long saturated(BigDecimal value) {
    BigDecimal rounded = value.setScale(0, RoundingMode.CEILING);
    if (rounded.compareTo(LARGEST) >= 0) {
      return Long.MAX_VALUE;
    }
    if (rounded.compareTo(LARGEST.negate()) <= 0) {
      return -Long.MAX_VALUE;
    }
    return rounded.longValueExact();
  }

  private static BigDecimal compute(String text) {
    if (text.length() > MAX_LENGTH) {
      throw bad(text);
    }
    int at = 0;
    if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      at++;
    }
    int digits = 0;
    boolean point = false;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Texts.isDigit(c)) {
        digits++;
      } else if (c == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (digits == 0) {
      throw bad(text);
    }
    BigDecimal number = new BigDecimal(text.substring(0, at));
    return scale(number, text.substring(at), text);
  }

  private static BigDecimal scale(BigDecimal number, String suffix, String text) {
    if (suffix.isEmpty()) {
      return number;
    }
    char c = suffix.charAt(0);
    if (suffix.length() == 1) {
      int index = c == 'K' ? DECIMAL.indexOf('k') : DECIMAL.indexOf(c);
      if (index < 0 || c == ' ') {
        throw bad(text);
      }
      return number.scaleByPowerOfTen((index - DECIMAL.indexOf(' ')) * 3);
    }
    if (suffix.length() == 2 && suffix.charAt(1) == 'i') {
      int index = BINARY.indexOf(c);
      if (index < 0) {
        throw bad(text);
      }
      return number.multiply(BigDecimal.valueOf(1L << (10 * (index + 1))));
    }
    if (c != 'e' && c != 'E') {
      throw bad(text);
    }
    return number.scaleByPowerOfTen(exponent(suffix, text));
  }

  private static int exponent(String suffix, String text) {
    boolean negative = suffix.charAt(1) == '-';
    int from = negative || suffix.charAt(1) == '+' ? 2 : 1;
    String digits = suffix.substring(from);
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
