package rkt.schema.appc;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** The identity of a pod: canonical lower-case 8-4-4-4-12 hex digits. */
public record PodUuid(String value) implements Comparable<PodUuid> {
  private static final int LENGTH = 36;
  private static final int DIGITS = 32;
  private static final int SHORT = 8;

  public PodUuid {
    if (!isCanonical(value)) {
      throw new SchemaException("bad UUID: " + Texts.quote(value));
    }
  }

  /** Reads any spelling the ancestor took: 32 hex digits, dashes anywhere, either case. */
  public static PodUuid parse(String text) {
    if (text.isEmpty()) {
      throw new SchemaException("UUID cannot be empty");
    }
    StringBuilder digits = new StringBuilder(DIGITS);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '-') {
        continue;
      }
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw new SchemaException("bad UUID: " + Texts.quote(text) + " (not hex digits)");
      }
      digits.append(Character.forDigit(digit, 16));
    }
    if (digits.length() != DIGITS) {
      throw new SchemaException("bad UUID length != 32: " + Texts.quote(text));
    }
    return fromDigits(digits);
  }

  /** A version 4 UUID (RFC 9562, section 5.4) of 16 random bytes. */
  public static PodUuid ofRandomBytes(byte[] random) {
    StringBuilder digits = new StringBuilder(DIGITS);
    for (int i = 0; i < random.length; i++) {
      int octet = random[i] & 0xff;
      if (i == 6) {
        octet = (octet & 0x0f) | 0x40;
      } else if (i == 8) {
        octet = (octet & 0x3f) | 0x80;
      }
      digits.append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 15, 16));
    }
    return fromDigits(digits);
  }

  /** The first 8 digits: what {@code rkt list} shows. */
  public String shortForm() {
    return value.substring(0, SHORT);
  }

  /** The 32 digits alone: the pod's machine ID. */
  public String noDashes() {
    StringBuilder out = new StringBuilder(DIGITS);
    for (int i = 0; i < LENGTH; i++) {
      if (!isDashPosition(i)) {
        out.append(value.charAt(i));
      }
    }
    return out.toString();
  }

  private static PodUuid fromDigits(StringBuilder digits) {
    for (int i = 0; i < LENGTH; i++) {
      if (isDashPosition(i)) {
        digits.insert(i, '-');
      }
    }
    return new PodUuid(digits.toString());
  }

  private static boolean isCanonical(String text) {
    if (text.length() != LENGTH) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(i);
      boolean fits = isDashPosition(i) ? c == '-' : Texts.isDigit(c) || (c >= 'a' && c <= 'f');
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDashPosition(int i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
  }

  @Override
  public int compareTo(PodUuid other) {
    return value.compareTo(other.value);
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PodUuid that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
