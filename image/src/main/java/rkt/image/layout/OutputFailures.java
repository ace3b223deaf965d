package rkt.image.layout;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.unpack.ArchiveException;

/** What goes wrong while an image is written somewhere. */
final class OutputFailures {
  private static final String VERIFY = "rkt image verify";

  private OutputFailures() {}

  static EngineException of(String attempted, IOException e) {
    if (e.getCause() instanceof EngineException known) {
      return known;
    }
    String why = String.valueOf(e.getMessage());
    if (e instanceof ArchiveException) {
      // The store's streams say it themselves.
      String remedy = why.contains(VERIFY) ? "" : "\"" + VERIFY + "\" says what is damaged";
      return new EngineException(ErrorCode.CORRUPT, attempted, why, remedy, e);
    }
    if (e instanceof OsException os) {
      if (os.is(Errno.EEXIST)) {
        return new EngineException(
            ErrorCode.CONFLICT, attempted, "the output exists (try --overwrite)", "", e);
      }
      if (os.is(Errno.ENOSPC) || os.is(Errno.EDQUOT)) {
        return noSpace(attempted, why, e);
      }
      if (os.is(Errno.EACCES) || os.is(Errno.EPERM) || os.is(Errno.EROFS)) {
        return new EngineException(ErrorCode.PERMISSION, attempted, why, "", e);
      }
    }
    if (e instanceof FileSystemException file && file.getReason() == null) {
      boolean gone = e instanceof NoSuchFileException;
      boolean denied = e instanceof AccessDeniedException;
      why =
          file.getFile()
              + ": "
              + (gone
                  ? "no such file or directory"
                  : denied ? "permission denied" : e.getClass().getSimpleName());
      ErrorCode code =
          gone ? ErrorCode.NOT_FOUND : denied ? ErrorCode.PERMISSION : ErrorCode.SYSTEM;
      return new EngineException(code, attempted, why, "", e);
    }
    return why.contains("No space left")
        ? noSpace(attempted, why, e)
        : new EngineException(ErrorCode.SYSTEM, attempted, why, "", e);
  }

  private static EngineException noSpace(String attempted, String why, IOException e) {
    return new EngineException(
        ErrorCode.NO_SPACE, attempted, why, "free some space where the output goes", e);
  }
}
