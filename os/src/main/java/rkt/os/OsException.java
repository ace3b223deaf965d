package rkt.os;

import java.io.IOException;

/** A system call failed. The message reads {@code open /x: No such file or directory}. */
public final class OsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String syscall;
  private final String object;
  private final int errno;

  /**
   * @param object the path, descriptor or process the call was about; may be empty
   */
  public OsException(String syscall, String object, int errno) {
    super(
        object.isEmpty()
            ? syscall + ": " + Errno.message(errno)
            : syscall + " " + object + ": " + Errno.message(errno));
    this.syscall = syscall;
    this.object = object;
    this.errno = errno;
  }

  public String syscall() {
    return syscall;
  }

  public String object() {
    return object;
  }

  public int errno() {
    return errno;
  }

  /** Whether the call failed with this number, one of {@link Errno}. */
  public boolean is(int number) {
    return errno == number;
  }
}
