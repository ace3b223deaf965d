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

  private ConsoleSize() {}

  /** Writes the caller's, unless the caller's terminal does not know. */
  static void write(JsonWriter json, Kernel kernel) {
    WindowSize size = kernel.windowSize(STDIN);
    if (size.rows() > 0 && size.columns() > 0) {
      json.name("consoleSize").beginObject().name("height").value(size.rows());
      json.name("width").value(size.columns()).endObject();
    }
  }
}
