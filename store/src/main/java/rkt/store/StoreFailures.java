package rkt.store;

import java.io.IOException;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.store.unpack.ArchiveException;

/** Low-level failures in the engine's words. */
final class StoreFailures {
  private StoreFailures() {}

  /**
   * @param attempted what was being done, in the words of the user
   */
  static EngineException of(String attempted, IOException e) {
    // A stream from the network carries the engine's own diagnosis.
    if (e.getCause() instanceof EngineException known) {
      return known;
    }
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    return switch (e) {
      case ArchiveException a -> archive(attempted, why, a);
      case OsException os -> system(attempted, why, os);
      default -> new EngineException(ErrorCode.SYSTEM, attempted, why, "", e);
    };
  }

  static EngineException of(String attempted, SchemaException e) {
    return EngineException.of(attempted, e);
  }

  static EngineException corrupt(String attempted, String why) {
    return EngineException.of(ErrorCode.CORRUPT, attempted, why);
  }

  static EngineException notFound(String attempted, ImageId id) {
    return EngineException.of(ErrorCode.NOT_FOUND, attempted, "cannot find image with key: " + id);
  }

  private static EngineException archive(String attempted, String why, ArchiveException e) {
    return switch (e.fault()) {
      case CORRUPT -> new EngineException(ErrorCode.CORRUPT, attempted, why, "", e);
      case REFUSED, LIMIT -> new EngineException(ErrorCode.REFUSED, attempted, why, "", e);
      case UNSUPPORTED -> new EngineException(ErrorCode.UNSUPPORTED, attempted, why, "", e);
    };
  }

  private static EngineException system(String attempted, String why, OsException e) {
    if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
      return new EngineException(
          ErrorCode.NO_SPACE, attempted, why, "\"rkt gc\" and \"rkt image gc\" free space", e);
    }
    if (e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
      return new EngineException(ErrorCode.PERMISSION, attempted, why, "run it as root", e);
    }
    if (e.is(Errno.EROFS)) {
      return new EngineException(ErrorCode.PERMISSION, attempted, why, "choose another --dir", e);
    }
    return new EngineException(ErrorCode.SYSTEM, attempted, why, "", e);
  }
}
