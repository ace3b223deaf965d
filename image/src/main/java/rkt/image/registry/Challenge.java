package rkt.image.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110, section 11.6.1).
 *
 * <p>The grammar is ambiguous about commas: they separate parameters, challenges and even empty
 * elements. A word followed by {@code =} is a parameter; any other word starts a new challenge.
 * Text that fits nothing is skipped, never guessed at.
 *
 * @param scheme lower-cased
 * @param parameters names lower-cased; the first of two equal names wins
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int MAX_HEADER = 16 << 10;

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** Every challenge of all header values, in order. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      if (header.length() <= MAX_HEADER) {
        new Reader(header).read(challenges);
      }
    }
    return challenges;
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void read(List<Challenge> out) {
      Map<String, String> parameters = new LinkedHashMap<>();
      boolean open = false;
      while (true) {
        skip(" \t,");
        if (at >= text.length()) {
          return;
        }
        String word = token();
        if (word.isEmpty()) {
          at++;
          continue;
        }
        skip(" \t");
        // "word=" not followed by another "=" is a parameter; token68 padding ("abc==") is not.
        if (peek('=') && open) {
          at++;
          skip(" \t");
          String value = peek('"') ? quoted() : token();
          parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value);
        } else {
          parameters = new LinkedHashMap<>();
          out.add(new Challenge(word.toLowerCase(Locale.ROOT), parameters));
          open = true;
        }
      }
    }

    private boolean peek(char c) {
      return at < text.length() && text.charAt(at) == c;
    }

    private void skip(String set) {
      while (at < text.length() && set.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private String token() {
      int from = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at);
    }

    private String quoted() {
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
        at++;
      }
      at++;
      return value.toString();
    }
  }
}
