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

  /**
   * The text after the prefix; several lines under {@code debug}.
   *
   * @param prefix the command's name; a layer that only repeats it ("enter: enter: ...") is left
   *     out
   * @param message the command's own sentence; may be empty
   */
  static String of(String prefix, String message, @Nullable Throwable cause, boolean debug) {
    List<String> layers = new ArrayList<>();
    String headline = message;
    String innermost = "";
    String remedy = "";
    if (message.isEmpty() && cause instanceof EngineException first) {
      headline = first.attempted().equals(prefix) ? "" : first.attempted();
    }
    add(layers, headline);
    for (Throwable layer = cause; layer != null; layer = layer.getCause()) {
      if (layer instanceof EngineException engine) {
        add(layers, engine.attempted().equals(prefix) ? "" : engine.attempted());
        add(layers, engine.why());
        innermost = engine.why();
        remedy = engine.remedy().isEmpty() ? remedy : engine.remedy();
      } else {
        add(layers, text(layer));
        // What the system said below an engine failure is in its reason already.
        if (!(cause instanceof EngineException)) {
          innermost = text(layer);
        }
      }
    }
    return debug ? tree(layers, remedy) : line(headline, innermost, remedy);
  }

  private static String text(Throwable layer) {
    String message = layer.getMessage();
    return message == null || message.isEmpty() ? layer.getClass().getSimpleName() : message;
  }

  /** A layer that repeats the one above adds nothing. */
  private static void add(List<String> layers, String text) {
    boolean repeats = !layers.isEmpty() && layers.getLast().equals(text);
    if (!text.isEmpty() && !repeats) {
      layers.add(text);
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

  private static String tree(List<String> layers, String remedy) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < layers.size(); i++) {
      if (i > 0) {
        text.append('\n');
        for (int blanks = 0; blanks < i; blanks++) {
          text.append("  ");
        }
        text.append("└─");
      }
      text.append(layers.get(i));
    }
    if (!remedy.isEmpty()) {
      text.append("\nhint: ").append(remedy);
    }
    return text.toString();
  }
}
