package rkt.cli.progress;

import java.util.ArrayList;
import java.util.List;

/**
 * What a terminal would show: understands the few control sequences that are used, wraps, scrolls,
 * and fails on anything else.
 */
final class Screen {
  private final int rows;
  private final int columns;
  private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
  private int row;
  private int column;

  Screen(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  void write(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\u001b') {
        int end = i + 2;
        while (Character.isDigit(text.charAt(end))) {
          end++;
        }
        control(text.charAt(end), text.substring(i + 2, end));
        i = end;
      } else if (c == '\r') {
        column = 0;
      } else if (c == '\n') {
        down();
      } else {
        put(c);
      }
    }
  }

  private void put(char c) {
    if (column >= columns) {
      down();
    }
    StringBuilder line = lines.get(row);
    while (line.length() <= column) {
      line.append(' ');
    }
    line.setCharAt(column++, c);
  }

  private void down() {
    row++;
    column = 0;
    if (row == lines.size()) {
      lines.add(new StringBuilder());
    }
  }

  private void control(char what, String number) {
    switch (what) {
      // The cursor does not go above the visible part.
      case 'A' -> row = Math.max(Math.max(0, lines.size() - rows), row - Integer.parseInt(number));
      case 'K' -> lines.get(row).setLength(Math.min(column, lines.get(row).length()));
      case 'J' -> {
        lines.get(row).setLength(Math.min(column, lines.get(row).length()));
        lines.subList(row + 1, lines.size()).clear();
      }
      default -> throw new AssertionError("unknown control sequence " + number + what);
    }
  }

  /** Everything written that is still there, scrolled out or not, without trailing blanks. */
  List<String> text() {
    List<String> text = new ArrayList<>();
    for (StringBuilder line : lines) {
      text.add(line.toString().stripTrailing());
    }
    while (!text.isEmpty() && text.getLast().isEmpty()) {
      text.removeLast();
    }
    return text;
  }
}
