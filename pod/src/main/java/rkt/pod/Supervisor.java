package rkt.pod;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Processes;

/**
 * A pod's processes that rkt may signal, held by pidfd so that a reused PID is never hit.
 *
 * <p>The PID files say who they are; that is believed only while the pod's lock is held (else they
 * are the files of a dead pod) and when the process behind the pidfd is what it should be: the
 * supervisor runs with this pod's launch file as its argument, the sandbox is the supervisor's
 * child.
 *
 * @param sandbox null when it does not stand yet
 */
record Supervisor(int pid, Fd pidfd, @Nullable Fd sandbox) implements AutoCloseable {
  /** How long a supervisor may take to bury its pod. */
  private static final int LAST_WORDS_MILLIS = 2000;

  /**
   * The live supervisor of a pod.
   *
   * @return null when there is none (yet)
   */
  static @Nullable Supervisor of(Pod pod, PodFiles files, Kernel kernel) throws OsException {
    OptionalInt pid = PodViews.number(files.text(pod.fd(), PodFiles.SUPERVISOR_PID));
    if (pid.isEmpty() || !pod.isLocked()) {
      return null;
    }
    Fd pidfd = open(kernel, pid.getAsInt());
    if (pidfd == null) {
      return null;
    }
    Processes processes = new Processes(kernel);
    if (!supervises(processes.arguments(pid.getAsInt()), pod)) {
      pidfd.close();
      return null;
    }
    return new Supervisor(
        pid.getAsInt(), pidfd, sandbox(pod, files, kernel, processes, pid.getAsInt()));
  }

  private static boolean supervises(List<String> arguments, Pod pod) {
    String launchFile = "/" + pod.uuid().value() + "/" + PodFiles.LAUNCH;
    for (String argument : arguments) {
      if (argument.endsWith(launchFile)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Fd sandbox(
      Pod pod, PodFiles files, Kernel kernel, Processes processes, int parent) throws OsException {
    OptionalInt pid = PodViews.number(files.text(pod.fd(), PodFiles.PID));
    if (pid.isEmpty()) {
      return null;
    }
    Fd pidfd = open(kernel, pid.getAsInt());
    if (pidfd == null) {
      return null;
    }
    if (processes.status(pid.getAsInt()).map(Processes.Status::parent).orElse(-1) == parent) {
      return pidfd;
    }
    pidfd.close();
    return null;
  }

  private static @Nullable Fd open(Kernel kernel, int pid) throws OsException {
    try {
      return new Fd(kernel, kernel.pidfdOpen(pid));
    } catch (OsException e) {
      if (e.is(Errno.ESRCH) || e.is(Errno.EINVAL)) {
        return null;
      }
      throw e;
    }
  }

  /** SIGTERM: the supervisor stops the apps, kills those that do not, and ends. */
  void terminate(Kernel kernel) throws OsException {
    send(kernel, pidfd, Consts.SIGTERM);
  }

  /**
   * SIGKILL to the sandbox, whose end ends every process of the pod. The supervisor sees that,
   * records how the apps ended and cleans up; one that does not end by itself soon is killed too.
   *
   * @return whether both have ended
   */
  boolean kill(Kernel kernel, int timeoutMillis) throws OsException {
    if (sandbox != null) {
      send(kernel, sandbox, Consts.SIGKILL);
      kernel.pidfdWait(pidfd.number(), LAST_WORDS_MILLIS);
    }
    send(kernel, pidfd, Consts.SIGKILL);
    boolean ended = kernel.pidfdWait(pidfd.number(), timeoutMillis);
    return ended && (sandbox == null || kernel.pidfdWait(sandbox.number(), timeoutMillis));
  }

  private static void send(Kernel kernel, Fd pidfd, int signal) throws OsException {
    try {
      kernel.pidfdSendSignal(pidfd.number(), signal);
    } catch (OsException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws OsException {
    try {
      pidfd.close();
    } finally {
      if (sandbox != null) {
        sandbox.close();
      }
    }
  }
}
