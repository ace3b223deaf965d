package rkt.cli.progress;

import java.util.List;

/**
 * A transfer in one line of at most so many columns: {@code Downloading ACI: [====> ] 3.2 MB/7 MB
 * 1.1 MB/s 4s left}, the ancestor's text with rate and time. What does not fit goes, the least
 * important first.
 */
final class TransferLine {
  private static final int WIDEST_BAR = 30;
  private static final int NARROWEST_BAR = 5;

  /** Room for the numbers after the bar, so that bars of several lines end in the same column. */
  private static final int NUMBERS = 40;

  private static final int SHORTEST_LABEL = 8;

  private static final String UPLOAD = "upload of ";
  private static final String IMPORT = "import of ";

  private TransferLine() {}

  static String running(Snapshot task, int columns) {
    String amount = amount(task);
    String rate = task.rate() > 0 ? " " + Amounts.bytes(task.rate()) + "/s" : "";
    long left = task.secondsLeft();
    String time = left >= 0 ? " " + Amounts.seconds(left) + " left" : "";
    return fitted(task, columns, List.of(amount + rate + time, amount + rate, amount));
  }

  static String ended(Snapshot task, String outcome, int columns) {
    String amount = amount(task);
    return switch (outcome) {
      case "exists" -> labelled(task, "already there", columns);
      case "stopped" -> labelled(task, "stopped at " + amount, columns);
      default -> {
        String time = " in " + Amounts.millis(task.elapsedMillis());
        String rate = task.average() > 0 ? " " + Amounts.bytes(task.average()) + "/s" : "";
        String how = outcome.equals("resumed") ? ", resumed" : "";
        yield fitted(
            task, columns, List.of(amount + rate + time + how, amount + time + how, amount + how));
      }
    };
  }

  private static String amount(Snapshot task) {
    return task.total() < 0
        ? Amounts.bytes(task.done()) + " of an unknown total size"
        : Amounts.bytes(task.done()) + "/" + Amounts.bytes(task.total());
  }

  private static String head(Snapshot task) {
    String what = task.what();
    if (what.startsWith(UPLOAD)) {
      return "Uploading " + what.substring(UPLOAD.length());
    }
    return what.startsWith(IMPORT)
        ? "Importing " + what.substring(IMPORT.length())
        : "Downloading " + what;
  }

  /**
   * @param numbers what may follow the bar, the longest first
   */
  private static String fitted(Snapshot task, int columns, List<String> numbers) {
    String head = head(task) + ": ";
    int bar = Math.min(WIDEST_BAR, columns - head.length() - NUMBERS - 3);
    if (task.total() >= 0 && bar >= NARROWEST_BAR) {
      head += bar(task, bar) + " ";
    }
    for (String each : numbers) {
      if (head.length() + each.length() <= columns) {
        return cut(head + each, columns);
      }
    }
    return labelled(task, numbers.getLast(), columns);
  }

  /** Rather without the verb, or with half a label, than with half a number. */
  private static String labelled(Snapshot task, String text, int columns) {
    String whole = head(task) + ": " + text;
    if (whole.length() <= columns) {
      return cut(whole, columns);
    }
    String what = task.what();
    int room = columns - text.length() - 2;
    if (what.length() > room) {
      what = room < SHORTEST_LABEL ? "" : what.substring(0, room - 3) + "...";
    }
    return cut(what.isEmpty() ? text : what + ": " + text, columns);
  }

  private static String bar(Snapshot task, int width) {
    long total = Math.max(1, task.total());
    int full =
        task.total() == 0 ? width : (int) (Math.min(1.0, (double) task.done() / total) * width);
    return "[" + "=".repeat(full) + " ".repeat(width - full) + "]";
  }

  /**
   * Cut to size. A character that is not ASCII may take two columns or none, and would break the
   * arithmetic: such a name shows as question marks here.
   */
  static String cut(String text, int columns) {
    StringBuilder line = new StringBuilder(columns);
    for (int i = 0; i < text.length() && line.length() < columns; i++) {
      char c = text.charAt(i);
      line.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return line.toString();
  }
}
