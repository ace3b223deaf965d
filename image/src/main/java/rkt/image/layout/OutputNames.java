package rkt.image.layout;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Names in an open directory whose owner may change them at any time. */
final class OutputNames {
  private OutputNames() {}

  /** Opens the directory in which something is to appear. Links in its path are the user's word. */
  static Fd parent(Kernel kernel, Path directory) throws IOException {
    try {
      return Fd.directory(kernel, directory.toString());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        NoSuchFileException gone = new NoSuchFileException(directory.toString());
        gone.initCause(e);
        throw gone;
      }
      throw e;
    }
  }

  /** Whether there is anything of that name, if only a link that leads nowhere. */
  static boolean exists(Kernel kernel, Fd parent, String name) throws OsException {
    return answers(kernel, parent, name, Consts.AT_SYMLINK_NOFOLLOW);
  }

  static boolean leadsSomewhere(Kernel kernel, Fd parent, String name) throws OsException {
    return answers(kernel, parent, name, 0);
  }

  private static boolean answers(Kernel kernel, Fd parent, String name, int flags)
      throws OsException {
    try {
      kernel.fstatat(parent.number(), name, flags);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR)) {
        return false;
      }
      throw e;
    }
  }

  /** Whether the name is that of the open file. */
  static boolean isSame(Kernel kernel, Fd parent, String name, Fd file) throws OsException {
    return exists(kernel, parent, name)
        && kernel
            .fstatat(parent.number(), name, Consts.AT_SYMLINK_NOFOLLOW)
            .sameFile(kernel.fstat(file.number()));
  }

  /**
   * Makes sure that the name is that of the open file.
   *
   * @throws EngineException when somebody gave it to something else; nothing of theirs is touched
   */
  static void checkUnchanged(Kernel kernel, String attempted, Fd parent, String name, Fd file)
      throws EngineException, OsException {
    if (!isSame(kernel, parent, name, file)) {
      throw changed(attempted, parent, name);
    }
  }

  static EngineException changed(String attempted, Fd parent, String name) throws OsException {
    return EngineException.of(
        ErrorCode.REFUSED,
        attempted,
        "somebody changed " + name + " in " + parent.realPath() + " while it was written",
        "write to a directory that nobody else may change");
  }
}
