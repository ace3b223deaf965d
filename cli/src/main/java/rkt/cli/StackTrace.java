package rkt.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** The text of a stack trace; a class of its own so that no healthy command loads what it needs. */
final class StackTrace {
  private StackTrace() {}

  static String of(Throwable defect) {
    StringWriter text = new StringWriter();
    defect.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
