package rkt.cli.command;

import org.jspecify.annotations.Nullable;

/** Patterns in which {@code *} stands for any text, also for none; in linear time and space. */
final class Glob {
  private Glob() {}

  /**
   * @param text null matches nothing
   */
  static boolean matches(String pattern, @Nullable String text) {
    if (text == null) {
      return false;
    }
    int star = pattern.indexOf('*');
    if (star < 0) {
      return pattern.equals(text);
    }
    if (!text.startsWith(pattern.substring(0, star))) {
      return false;
    }
    int at = star;
    int from = star + 1;
    // The leftmost place for each piece leaves most room for the next; the last one is at the end.
    for (int next = pattern.indexOf('*', from); next >= 0; next = pattern.indexOf('*', from)) {
      String piece = pattern.substring(from, next);
      int found = text.indexOf(piece, at);
      if (found < 0) {
        return false;
      }
      at = found + piece.length();
      from = next + 1;
    }
    String last = pattern.substring(from);
    return text.length() - at >= last.length() && text.endsWith(last);
  }
}
