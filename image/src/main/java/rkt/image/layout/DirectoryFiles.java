package rkt.image.layout;

import java.io.IOException;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FdStream;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.EntryNames;

/**
 * A layout in a directory that somebody else may own. Paths are resolved by the kernel beneath the
 * directory's descriptor, so a link in it leads to another file of the layout or nowhere: {@code
 * blobs/sha256/...} as a link to {@code /etc/shadow} would otherwise put that file into an image.
 */
final class DirectoryFiles implements LayoutFiles {
  private static final long CONFINED = Consts.RESOLVE_BENEATH | Consts.RESOLVE_NO_MAGICLINKS;

  /** Non-blocking, so that a pipe in the place of a file does not hang us. */
  private static final int READ =
      Consts.O_RDONLY | Consts.O_NONBLOCK | Consts.O_NOCTTY | Consts.O_CLOEXEC;

  private final Kernel kernel;
  private final Fd root;

  /**
   * @param root the open directory; stays the caller's
   */
  DirectoryFiles(Kernel kernel, Fd root) {
    this.kernel = kernel;
    this.root = root;
  }

  @Override
  public Optional<Sized> open(String path) throws IOException {
    Fd file;
    try {
      file = new Fd(kernel, kernel.openat2(root.number(), path, READ, 0, CONFINED));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      if (e.is(Errno.EXDEV) || e.is(Errno.ELOOP)) {
        throw new ArchiveException(
            ArchiveException.Fault.REFUSED,
            EntryNames.quote(path) + " is a link that leads out of the layout",
            e);
      }
      throw e;
    }
    try {
      Stat stat = kernel.fstat(file.number());
      if (!stat.isRegular()) {
        throw new ArchiveException(
            ArchiveException.Fault.REFUSED, EntryNames.quote(path) + " is not a regular file");
      }
      return Optional.of(new Sized(new FdStream(kernel, file), stat.size()));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void close() {}
}
