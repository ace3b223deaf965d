package rkt.net;

import java.nio.charset.StandardCharsets;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.cni.CniError;

/** Words of plugins, for messages. */
final class Answers {
  private static final int MOST_SHOWN = 1000;

  private Answers() {}

  /** What a failed plugin says: its error's text, else its raw output; empty when it is mute. */
  static String error(byte[] output) {
    String text = new String(output, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return "";
    }
    try {
      return shown(CniError.parse(output).text());
    } catch (SchemaException e) {
      return "netplugin failed but error parsing its diagnostic message "
          + Texts.quote(shown(text));
    }
  }

  static long code(byte[] output) {
    try {
      return CniError.parse(output).code();
    } catch (SchemaException e) {
      return 0;
    }
  }

  /** Without control characters, and not longer than a reader wants. */
  static String shown(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < MOST_SHOWN; i++) {
      char c = text.charAt(i);
      boolean control = c < ' ' || c >= 0x7f && c < 0xa0;
      out.append(control ? ' ' : c);
    }
    return out.append(text.length() > MOST_SHOWN ? "..." : "").toString();
  }
}
