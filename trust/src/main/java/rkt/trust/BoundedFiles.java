package rkt.trust;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Reads policies and keys: regular files up to a size, never a device or a pipe that blocks. */
final class BoundedFiles {
  private BoundedFiles() {}

  /** The content, or empty when there is no such file. Links are followed. */
  static Optional<byte[]> readIfThere(Kernel kernel, Path file, int limit, String attempted)
      throws EngineException {
    try (Fd fd = Fd.open(kernel, file.toString(), Consts.O_RDONLY | Consts.O_NONBLOCK, 0)) {
      return Optional.of(read(kernel, fd, file.toString(), limit, attempted));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw failed(attempted, e);
    }
  }

  /** The content of an open file. */
  static byte[] read(Kernel kernel, Fd fd, String file, int limit, String attempted)
      throws EngineException, OsException {
    if (!kernel.fstat(fd.number()).isRegular()) {
      throw EngineException.of(ErrorCode.INVALID, attempted, file + " is not a regular file");
    }
    try {
      return SmallFiles.read(kernel, fd, file, limit);
    } catch (OsException e) {
      if (e.is(Errno.EFBIG)) {
        throw new EngineException(
            ErrorCode.INVALID,
            attempted,
            file + " is larger than " + (limit >> 10) + " KiB",
            "",
            e);
      }
      throw e;
    }
  }

  static EngineException failed(String attempted, OsException e) {
    ErrorCode code =
        switch (e.errno()) {
          case Errno.EACCES, Errno.EPERM -> ErrorCode.PERMISSION;
          case Errno.ENOENT -> ErrorCode.NOT_FOUND;
          case Errno.ENOSPC, Errno.EDQUOT -> ErrorCode.NO_SPACE;
          default -> ErrorCode.SYSTEM;
        };
    return new EngineException(code, attempted, String.valueOf(e.getMessage()), "", e);
  }
}
