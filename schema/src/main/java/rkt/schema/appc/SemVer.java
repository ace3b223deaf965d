package rkt.schema.appc;

import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * A version by semver.org 2.0.0. The version 0.0.0 is refused: the ancestor takes it for "unset".
 */
public record SemVer(String value) {
  private static final int MAX_DIGITS = 18;

  public SemVer {
    Scanner scanner = new Scanner(value);
    boolean zero = scanner.number() == 0;
    scanner.skip('.');
    zero &= scanner.number() == 0;
    scanner.skip('.');
    zero &= scanner.number() == 0;
    boolean bare = scanner.atEnd();
    if (scanner.trySkip('-')) {
      scanner.identifiers(true);
    }
    if (scanner.trySkip('+')) {
      scanner.identifiers(false);
    }
    if (!scanner.atEnd()) {
      throw bad(value);
    }
    if (zero && bare) {
      throw new SchemaException("SemVer cannot be zero");
    }
  }

  public long major() {
    return new Scanner(value).number();
  }

  @Override
  public String toString() {
    return value;
  }

  private static SchemaException bad(String value) {
    return new SchemaException("SemVer is bad: " + Texts.quote(value));
  }

  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    boolean atEnd() {
      return at == text.length();
    }

    boolean trySkip(char c) {
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    void skip(char c) {
      if (!trySkip(c)) {
        throw bad(text);
      }
    }

    /** A number without leading zeros. */
    long number() {
      int start = at;
      while (at < text.length() && Texts.isDigit(text.charAt(at))) {
        at++;
      }
      int digits = at - start;
      if (digits == 0 || digits > MAX_DIGITS || (digits > 1 && text.charAt(start) == '0')) {
        throw bad(text);
      }
      return Long.parseLong(text.substring(start, at));
    }

    /** Dot-separated, non-empty; in a pre-release numbers must not begin with 0. */
    void identifiers(boolean preRelease) {
      do {
        int start = at;
        boolean number = true;
        while (at < text.length() && isIdentifierChar(text.charAt(at))) {
          number &= Texts.isDigit(text.charAt(at));
          at++;
        }
        boolean leadingZero = number && at - start > 1 && text.charAt(start) == '0';
        if (at == start || (preRelease && leadingZero)) {
          throw bad(text);
        }
      } while (trySkip('.'));
    }

    private static boolean isIdentifierChar(char c) {
      return Texts.isAlnum(c) || c == '-';
    }
  }
}
