package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import rkt.os.AtomicFiles;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * The layout's number, in {@code version}. A store without one was written before there were
 * numbers, and can be read and written as it is; one of a later rkt may hold what this one would
 * take for garbage.
 */
final class StoreVersion {
  static final int CURRENT = 1;
  private static final int MAX_BYTES = 64;

  private StoreVersion() {}

  /** Refuses what a later rkt has written. */
  static void check(Layout layout) throws EngineException {
    String attempted = "open the image store " + layout.cas();
    String text;
    try {
      text = new String(layout.readFile(file(layout), MAX_BYTES), StandardCharsets.UTF_8).strip();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return;
      }
      throw StoreFailures.of(attempted, e);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
    int version = number(text);
    if (version < 0) {
      throw StoreFailures.corrupt(attempted, "its file \"version\" does not hold a number");
    }
    if (version > CURRENT) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "current store version: "
              + version
              + " (greater than the current rkt expected version: "
              + CURRENT
              + ")",
          "use the rkt that wrote it, or another --dir");
    }
  }

  /** Negative when it is none. */
  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Called by writers; the first one names the layout. */
  static void write(Layout layout) throws OsException {
    Kernel kernel = layout.kernel();
    if (layout.exists(file(layout))) {
      return;
    }
    byte[] text = (CURRENT + "\n").getBytes(StandardCharsets.US_ASCII);
    // gc takes temporary names for leftovers unless it is shut out.
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      AtomicFiles.writeAtomically(kernel, file(layout), text, 0644);
    }
  }

  private static Path file(Layout layout) {
    return layout.cas().resolve("version");
  }
}
