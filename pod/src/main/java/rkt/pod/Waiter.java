package rkt.pod;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;

/**
 * Waits for a pod to be ready or to end.
 *
 * <p>The end of a running pod is learnt from its supervisor's pidfd at once; everything else is
 * looked at again after a short pause. Time is measured by the monotonic clock, so that setting the
 * clock neither shortens nor lengthens a wait.
 */
public final class Waiter {
  private static final int PAUSE_MILLIS = 20;
  private static final int LOOK_AGAIN_MILLIS = 1000;

  private final PodStore pods;
  private final Kernel kernel;

  Waiter(PodStore pods) {
    this.pods = pods;
    this.kernel = pods.kernel();
  }

  /** Until the pod has ended; at most {@code timeout}, forever without one. */
  public WaitOutcome awaitExit(PodUuid uuid, Optional<Duration> timeout) throws EngineException {
    long deadline = deadline(timeout);
    try (Pod pod = open(uuid)) {
      while (true) {
        PodState state = pod.state();
        if (state == null || !mayRun(state)) {
          return WaitOutcome.REACHED;
        }
        int left = millisLeft(deadline);
        if (left == 0) {
          return WaitOutcome.TIMED_OUT;
        }
        OptionalInt supervisor =
            PodViews.number(pods.files().text(pod.fd(), PodFiles.SUPERVISOR_PID));
        if (state != PodState.RUNNING
            || supervisor.isEmpty()
            || !waitFor(supervisor.getAsInt(), left)) {
          pause(Math.min(left, PAUSE_MILLIS));
        }
      }
    } catch (OsException e) {
      throw Failures.system("error waiting for pod to finish", e);
    }
  }

  /** Until every app of the pod has started; at most {@code timeout}, forever without one. */
  public WaitOutcome awaitReady(PodUuid uuid, Optional<Duration> timeout) throws EngineException {
    long deadline = deadline(timeout);
    PodViews views = new PodViews(pods.files(), kernel);
    try (Pod pod = open(uuid)) {
      while (true) {
        // The state first: a pod that became ready and ended in between is still seen as ready.
        PodState state = pod.state();
        if (views.ready(pod)) {
          return WaitOutcome.REACHED;
        }
        if (state == null || !mayRun(state)) {
          throw EngineException.of(
              ErrorCode.CONFLICT,
              "error waiting for pod readiness",
              "pod \"" + uuid.value() + "\" ended without having been ready");
        }
        int left = millisLeft(deadline);
        if (left == 0) {
          return WaitOutcome.TIMED_OUT;
        }
        pause(Math.min(left, PAUSE_MILLIS));
      }
    } catch (OsException e) {
      throw Failures.system("error waiting for pod readiness", e);
    }
  }

  /** Whether the pod runs or may still come to run. */
  private static boolean mayRun(PodState state) {
    return switch (state) {
      case EMBRYO, PREPARING, PREPARED, RUNNING -> true;
      case ABORTED_PREPARE, EXITED, EXITED_DELETING, EXITED_GARBAGE, DELETING, GARBAGE -> false;
    };
  }

  /** False when there is no such process (any more): the lock then goes any moment. */
  private boolean waitFor(int pid, int millis) throws OsException {
    try (Fd pidfd = new Fd(kernel, kernel.pidfdOpen(pid))) {
      return !kernel.pidfdWait(pidfd.number(), Math.min(millis, LOOK_AGAIN_MILLIS));
    } catch (OsException e) {
      if (e.is(Errno.ESRCH)) {
        return false;
      }
      throw e;
    }
  }

  private Pod open(PodUuid uuid) throws EngineException, OsException {
    Pod pod = pods.open(uuid);
    if (pod == null) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          "problem retrieving pod",
          "no matches found for \"" + uuid.value() + "\"");
    }
    return pod;
  }

  private static long deadline(Optional<Duration> timeout) {
    if (timeout.isEmpty() || timeout.get().toSeconds() > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    return System.nanoTime() / 1_000_000 + Math.max(0, timeout.get().toMillis());
  }

  private static int millisLeft(long deadline) {
    if (deadline == Long.MAX_VALUE) {
      return Integer.MAX_VALUE;
    }
    long left = deadline - System.nanoTime() / 1_000_000;
    return (int) Math.max(0, Math.min(left, Integer.MAX_VALUE));
  }

  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
