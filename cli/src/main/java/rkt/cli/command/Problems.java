package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.Version;

/**
 * What a listing could not read. The listing itself comes first and whole; then these, in the block
 * users know, and the exit status stays 0.
 */
final class Problems {
  private static final String LINE = "----------------------------------------";

  private final String what;
  private final List<String> texts = new ArrayList<>(0);

  /**
   * @param what plural of the things listed
   */
  Problems(String what) {
    this.what = what;
  }

  void add(String text) {
    texts.add(text);
  }

  boolean isEmpty() {
    return texts.isEmpty();
  }

  void report(Invocation invocation) {
    if (texts.isEmpty()) {
      return;
    }
    invocation.note(texts.size() + " error(s) encountered when listing " + what + ":");
    invocation.note(LINE);
    for (String text : texts) {
      invocation.note(text);
      invocation.note(LINE);
    }
    invocation.note("misc:");
    invocation.note("  rkt's appc version: " + Version.APPC);
    invocation.note(LINE);
  }
}
