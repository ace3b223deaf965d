package rkt.os;

/** Owns one open descriptor. Not for use by several threads at once. */
public final class Fd implements AutoCloseable {
  private final Kernel kernel;
  private int number;

  /** Takes ownership of an open descriptor. */
  public Fd(Kernel kernel, int number) {
    this.kernel = kernel;
    this.number = number;
  }

  /** Opens a path; close-on-exec is always added to the flags. */
  public static Fd open(Kernel kernel, String path, int flags, int mode) throws OsException {
    return new Fd(kernel, kernel.open(path, flags | Consts.O_CLOEXEC, mode));
  }

  public static Fd openat(Kernel kernel, int dir, String path, int flags, int mode)
      throws OsException {
    return new Fd(kernel, kernel.openat(dir, path, flags | Consts.O_CLOEXEC, mode));
  }

  public static Fd directory(Kernel kernel, String path) throws OsException {
    return open(kernel, path, Consts.O_RDONLY | Consts.O_DIRECTORY, 0);
  }

  /** The kernel's number of the descriptor, to be used only while this object is open. */
  public int number() {
    if (number < 0) {
      throw new IllegalStateException("descriptor is closed");
    }
    return number;
  }

  /**
   * A path that leads to the open file itself, whatever has become of its name; for what takes
   * paths only, and only while this object is open.
   */
  public String path() {
    return "/proc/self/fd/" + number();
  }

  /**
   * What the kernel calls the open file now, without a link in it. Judging this and reading the
   * descriptor is judging what is read; a path could lead elsewhere the second time. A file that
   * was removed ends in {@code (deleted)}.
   */
  public String realPath() throws OsException {
    return kernel.readlinkat(Consts.AT_FDCWD, path());
  }

  public boolean isOpen() {
    return number >= 0;
  }

  /** Gives up ownership: the descriptor stays open and the caller must close it. */
  public int detach() {
    int detached = number();
    number = -1;
    return detached;
  }

  @Override
  public void close() throws OsException {
    if (number >= 0) {
      int closing = number;
      // First, because a failed close(2) has still freed the number, and another thread may own it.
      number = -1;
      kernel.close(closing);
    }
  }
}
