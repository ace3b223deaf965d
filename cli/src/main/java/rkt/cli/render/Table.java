package rkt.cli.render;

import java.util.ArrayList;
import java.util.List;

/**
 * Text in columns, aligned with tabs as Go's {@code tabwriter} does with minimal width 0, tab width
 * 8, padding 1 and a tab as padding character.
 *
 * <p>A cell is what ends with a tab; text after the last tab of a line belongs to no column. A
 * column is a run of consecutive lines that have a cell there, so one short line starts new columns
 * below it. Widths count code points.
 */
public final class Table {
  private static final int TAB = 8;

  private final List<List<String>> lines = new ArrayList<>();

  /** Adds a line: every cell but the last ends with a tab. Cells are made {@link PlainText}. */
  public Table row(String... cells) {
    List<String> line = new ArrayList<>(cells.length);
    for (String cell : cells) {
      line.add(PlainText.cell(cell));
    }
    lines.add(line);
    return this;
  }

  /** Adds a line with as many cells as the list has. */
  public Table row(List<String> cells) {
    List<String> line = new ArrayList<>(cells.size());
    for (String cell : cells) {
      line.add(PlainText.cell(cell));
    }
    lines.add(line);
    return this;
  }

  /** Adds lines of text in which tabs end cells. */
  public Table text(String text) {
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('\n', from);
      int to = end < 0 ? text.length() : end;
      lines.add(cells(text.substring(from, to)));
      from = to + 1;
    }
    return this;
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    int from = 0;
    for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', from)) {
      cells.add(line.substring(from, tab));
      from = tab + 1;
    }
    cells.add(line.substring(from));
    return cells;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(64 * lines.size());
    format(out, new ArrayList<>(), 0, lines.size());
    return out.toString();
  }

  /** Lays out lines from to end, whose columns so far have the given widths. */
  private void format(StringBuilder out, List<Integer> widths, int from, int end) {
    int column = widths.size();
    int written = from;
    int line = from;
    while (line < end) {
      if (!hasCell(line, column)) {
        line++;
        continue;
      }
      write(out, widths, written, line);
      int blockStart = line;
      int width = 0;
      for (; line < end && hasCell(line, column); line++) {
        width = Math.max(width, width(lines.get(line).get(column)) + 1);
      }
      widths.add(width);
      format(out, widths, blockStart, line);
      widths.removeLast();
      written = line;
    }
    write(out, widths, written, end);
  }

  private boolean hasCell(int line, int column) {
    return column < lines.get(line).size() - 1;
  }

  private void write(StringBuilder out, List<Integer> widths, int from, int to) {
    for (int i = from; i < to; i++) {
      List<String> line = lines.get(i);
      for (int column = 0; column < line.size(); column++) {
        String cell = line.get(column);
        out.append(cell);
        if (column < widths.size() && column < line.size() - 1) {
          pad(out, width(cell), widths.get(column));
        }
      }
      out.append('\n');
    }
  }

  private static void pad(StringBuilder out, int textWidth, int columnWidth) {
    int full = (columnWidth + TAB - 1) / TAB * TAB;
    for (int missing = full - textWidth; missing > 0; missing -= TAB) {
      out.append('\t');
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
