package rkt.os;

import java.time.Duration;
import java.util.List;

/**
 * A program started with {@code vfork}, in the namespaces of the calling thread, with three
 * descriptors and nothing else of this process. Cheaper to start than {@link Command}, which
 * gathers output on threads of its own: here the streams are files (docs/adr/0017).
 */
public final class Child {
  /** It was killed because it took too long. */
  public static final int TOO_LONG = -1;

  /** It was killed because its output grew too long. */
  public static final int TOO_MUCH = -2;

  private static final int LOOK_AT_OUTPUT_MILLIS = 100;
  private static final int SIGKILL = 9;

  private final Kernel kernel;
  private final String program;
  private final int pid;

  private Child(Kernel kernel, String program, int pid) {
    this.kernel = kernel;
    this.program = program;
    this.pid = pid;
  }

  /**
   * Starts a program.
   *
   * @param environment {@code NAME=value} strings, all of its environment
   * @param in descriptor that becomes its standard input, likewise the other two
   */
  public static Child start(
      Kernel kernel,
      String program,
      List<String> arguments,
      List<String> environment,
      int in,
      int out,
      int err)
      throws OsException {
    String[] argv = arguments.toArray(new String[0]);
    String[] envp = environment.toArray(new String[0]);
    int pid = NativeNetwork.spawn(program, argv, envp, in, out, err);
    if (pid < 0) {
      throw new OsException("execute", program, -pid);
    }
    return new Child(kernel, program, pid);
  }

  /**
   * Waits for its end.
   *
   * @param output a file that it writes, so that nobody fills a disk with it
   * @param most bytes of that file, give or take what is written in a tenth of a second
   * @return its exit status, 128 plus the signal that killed it, {@link #TOO_LONG} or {@link
   *     #TOO_MUCH}
   */
  public int await(Duration limit, Fd output, long most) throws OsException {
    long left = limit.toMillis();
    boolean ended = false;
    boolean fits = true;
    try (Fd handle = new Fd(kernel, kernel.pidfdOpen(pid))) {
      while (!ended && fits && left > 0) {
        int wait = (int) Math.min(left, LOOK_AT_OUTPUT_MILLIS);
        ended = kernel.pidfdWait(handle.number(), wait);
        fits = kernel.fstat(output.number()).size() <= most;
        left -= wait;
      }
      if (!ended) {
        kernel.pidfdSendSignal(handle.number(), SIGKILL);
      }
    }
    int status = NativeNetwork.waitFor(pid);
    if (status < 0) {
      throw new OsException("wait for", program, -status);
    }
    if (!fits) {
      return TOO_MUCH;
    }
    if (!ended) {
      return TOO_LONG;
    }
    int signal = status & 0x7f;
    return signal == 0 ? status >> 8 & 0xff : 128 + signal;
  }
}
