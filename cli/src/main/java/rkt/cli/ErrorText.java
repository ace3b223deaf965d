package rkt.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;

/**
 * How a failure reads.
 *
 * <p>Without {@code --debug} a user gets two parts: the command's sentence and the innermost
 * reason, because the layers between interest nobody who wants to repair something. With {@code
 * --debug} every layer is one line, deeper by two blanks and a corner.
 */
final class ErrorText {
  private ErrorText() {}

  /** The text after the prefix; several lines under {@code debug}. */
  static String of(String message, @Nullable Throwable cause, boolean debug) {
    List<String> chain = new ArrayList<>();
    String headline = message;
    String remedy = "";
    String innermost = "";
    for (Throwable layer = cause; layer != null; layer = layer.getCause()) {
      if (layer instanceof EngineException engine) {
        if (headline.isEmpty()) {
          headline = engine.attempted();
        } else {
          add(chain, headline, engine.attempted());
        }
        add(chain, headline, engine.why());
        innermost = engine.why();
        remedy = engine.remedy().isEmpty() ? remedy : engine.remedy();
      } else {
        String text = text(layer);
        add(chain, headline, text);
        if (innermost.isEmpty() || !(cause instanceof EngineException)) {
          innermost = text;
        }
      }
    }
    return debug ? tree(headline, chain, remedy) : line(headline, innermost, remedy);
  }

  private static String text(Throwable layer) {
    String message = layer.getMessage();
    return message == null || message.isEmpty() ? layer.getClass().getSimpleName() : message;
  }

  /** A layer that repeats the one above adds nothing. */
  private static void add(List<String> chain, String headline, String text) {
    String last = chain.isEmpty() ? headline : chain.get(chain.size() - 1);
    if (!text.isEmpty() && !text.equals(last)) {
      chain.add(text);
    }
  }

  private static String line(String headline, String innermost, String remedy) {
    StringBuilder text = new StringBuilder(headline);
    if (!innermost.isEmpty() && !innermost.equals(headline)) {
      text.append(headline.isEmpty() ? "" : ": ").append(innermost);
    }
    if (!remedy.isEmpty()) {
      text.append(" (").append(remedy).append(')');
    }
    return text.toString();
  }

  private static String tree(String headline, List<String> chain, String remedy) {
    StringBuilder text = new StringBuilder(headline);
    for (int i = 0; i < chain.size(); i++) {
      text.append('\n');
      for (int blanks = 0; blanks <= i; blanks++) {
        text.append("  ");
      }
      text.append("└─").append(chain.get(i));
    }
    if (!remedy.isEmpty()) {
      text.append("\nhint: ").append(remedy);
    }
    return text.toString();
  }
}
