package rkt.os;

import java.util.ArrayList;
import java.util.List;

/** Splitting without regular expressions, which cost milliseconds at start-up. */
final class Words {
  private Words() {}

  /** The parts between separators, without empty ones. */
  static List<String> split(String s, char separator) {
    List<String> words = new ArrayList<>();
    int from = 0;
    while (from < s.length()) {
      int to = s.indexOf(separator, from);
      to = to < 0 ? s.length() : to;
      if (to > from) {
        words.add(s.substring(from, to));
      }
      from = to + 1;
    }
    return words;
  }
}
