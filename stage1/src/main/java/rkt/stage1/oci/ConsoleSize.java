package rkt.stage1.oci;

import rkt.os.Kernel;
import rkt.os.WindowSize;
import rkt.schema.json.JsonWriter;

/**
 * The size that an app's terminal is made with, so that a command may ask for it at once. Later
 * changes are the supervisor's to pass on.
 */
final class ConsoleSize {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;

  private ConsoleSize() {}

  /** That of the caller's terminal, by whichever of its streams is one; 0 by 0 when none knows. */
  static WindowSize ofCaller(Kernel kernel) {
    WindowSize size = kernel.windowSize(STDIN);
    return isKnown(size) ? size : kernel.windowSize(STDOUT);
  }

  /** Writes a size, unless it is unknown. */
  static void write(JsonWriter json, WindowSize size) {
    if (isKnown(size)) {
      json.name("consoleSize").beginObject().name("height").value(size.rows());
      json.name("width").value(size.columns()).endObject();
    }
  }

  private static boolean isKnown(WindowSize size) {
    return size.rows() > 0 && size.columns() > 0;
  }
}
