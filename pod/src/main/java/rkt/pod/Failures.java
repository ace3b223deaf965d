package rkt.pod;

import java.io.IOException;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Turns what the operating system says into what the user can use. */
final class Failures {
  private Failures() {}

  /** A failed system call during {@code attempted}. */
  static EngineException system(String attempted, IOException cause) {
    String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (!(cause instanceof OsException os)) {
      return new EngineException(ErrorCode.SYSTEM, attempted, why, "", cause);
    }
    return switch (os.errno()) {
      case Errno.ENOSPC, Errno.EDQUOT ->
          new EngineException(
              ErrorCode.NO_SPACE,
              attempted,
              why,
              "free some space, for example with rkt gc",
              cause);
      case Errno.EACCES, Errno.EPERM ->
          new EngineException(ErrorCode.PERMISSION, attempted, why, "run it as root", cause);
      case Errno.ENOENT -> new EngineException(ErrorCode.NOT_FOUND, attempted, why, "", cause);
      default -> new EngineException(ErrorCode.SYSTEM, attempted, why, "", cause);
    };
  }
}
