package rkt.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Rehearses command lines in one process, so that the ahead-of-time cache recorded from it holds
 * the classes, profiles and linkage of real commands. Exits are suppressed; the last {@code exec}
 * of run and enter is a plain return.
 */
final class Training {
  private Training() {}

  /**
   * Runs each non-empty line that is no comment; words are separated by blanks, nothing is quoted.
   */
  static void rehearse(String script) {
    try {
      for (String line : Files.readAllLines(Path.of(script))) {
        if (!line.isBlank() && line.charAt(0) != '#') {
          Main.run(words(line), true);
        }
      }
    } catch (IOException e) {
      System.err.println("training: cannot read " + script + ": " + e.getMessage());
    }
  }

  static String[] words(String line) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= line.length(); i++) {
      if (i == line.length() || line.charAt(i) == ' ' || line.charAt(i) == '\t') {
        if (i > from) {
          words.add(line.substring(from, i));
        }
        from = i + 1;
      }
    }
    return words.toArray(new String[0]);
  }
}
