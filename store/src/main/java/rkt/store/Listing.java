package rkt.store;

import java.nio.file.Path;
import java.util.List;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;

/** Names in a directory that may not exist yet. */
final class Listing {
  private Listing() {}

  static List<String> names(Kernel kernel, Path dir) throws OsException {
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      return kernel.list(fd.number());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e;
    }
  }
}
