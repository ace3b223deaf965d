package rkt.schema.appc;

import rkt.schema.Texts;

/** Turns free text into names. */
final class Sanitizing {
  private Sanitizing() {}

  /**
   * Lower-cases ASCII and other letters, puts {@code substitute} for every character that is
   * neither alphanumeric nor in {@code allowed}, and strips {@code allowed} characters and
   * substitutes from both ends.
   */
  static String clean(String text, String allowed, char substitute) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = Character.toLowerCase(text.charAt(i));
      if (Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1))) {
        continue; // one substitute per character, not per half
      }
      out.append(Texts.isLowerAlnum(c) || allowed.indexOf(c) >= 0 ? c : substitute);
    }
    int from = 0;
    int to = out.length();
    while (from < to && !Texts.isLowerAlnum(out.charAt(from))) {
      from++;
    }
    while (to > from && !Texts.isLowerAlnum(out.charAt(to - 1))) {
      to--;
    }
    return out.substring(from, to);
  }
}
