package rkt.os;

import java.time.Duration;
import java.util.List;

/**
 * A program started with {@code vfork}, in the namespaces of the calling thread, with three
 * descriptors and nothing else of this process. Cheaper to start than {@link Command}, which
 * gathers output on threads of its own: here the streams are files (docs/adr/0017).
 */
public final class Child {
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
   * @return its exit status, 128 plus the signal that killed it, or -1 when it took longer than the
   *     limit and was killed for it
   */
  public int await(Duration limit) throws OsException {
    boolean ended;
    try (Fd handle = new Fd(kernel, kernel.pidfdOpen(pid))) {
      ended = kernel.pidfdWait(handle.number(), (int) limit.toMillis());
      if (!ended) {
        kernel.pidfdSendSignal(handle.number(), SIGKILL);
      }
    }
    int status = NativeNetwork.waitFor(pid);
    if (status < 0) {
      throw new OsException("wait for", program, -status);
    }
    if (!ended) {
      return -1;
    }
    int signal = status & 0x7f;
    return signal == 0 ? status >> 8 & 0xff : 128 + signal;
  }
}
