package rkt.pod;

import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;

/** {@code rkt stop}: asks the pod's supervisor to end the pod, or ends it. */
public final class Stopper {
  /** A process that does not die of SIGKILL in this time hangs in the kernel. */
  private static final int KILL_TIMEOUT_MILLIS = 10_000;

  /** A pod this young has no supervisor yet: its rkt is between the run directory and the exec. */
  private static final int STARTING_ROUNDS = 500;

  private static final int STARTING_PAUSE_MILLIS = 10;

  private final PodStore pods;
  private final Kernel kernel;
  private final Reporter reporter;

  Stopper(PodStore pods, Reporter reporter) {
    this.pods = pods;
    this.kernel = pods.kernel();
    this.reporter = reporter;
  }

  /** Asks the pod to stop, or with {@code force} kills it and cleans up after it. */
  public StopOutcome stop(PodUuid uuid, boolean force) {
    String attempted = "error stopping \"" + uuid.value() + "\"";
    try (Pod pod = pods.open(uuid)) {
      if (pod == null) {
        return new StopOutcome.Failed(
            EngineException.of(
                ErrorCode.NOT_FOUND,
                "cannot get pod",
                "no matches found for \"" + uuid.value() + "\""));
      }
      for (int round = 0; round < STARTING_ROUNDS; round++) {
        PodState state = pod.state();
        if (state == null || state.afterRun()) {
          return new StopOutcome.AlreadyStopped();
        }
        if (state != PodState.RUNNING) {
          return new StopOutcome.NotRunning();
        }
        try (Supervisor supervisor = Supervisor.of(pod, pods.files(), kernel)) {
          if (supervisor != null) {
            return stop(pod, supervisor, force, attempted);
          }
        }
        Waiter.pause(STARTING_PAUSE_MILLIS);
      }
      return new StopOutcome.Failed(
          EngineException.of(
              ErrorCode.CONFLICT,
              attempted,
              "the pod is locked, but no supervisor of it can be found",
              "look for the process that holds " + pod.path() + " open"));
    } catch (OsException e) {
      return new StopOutcome.Failed(Failures.system(attempted, e));
    }
  }

  private StopOutcome stop(Pod pod, Supervisor supervisor, boolean force, String attempted)
      throws OsException {
    if (!force) {
      supervisor.terminate(kernel);
      return new StopOutcome.Stopped();
    }
    if (!supervisor.kill(kernel, KILL_TIMEOUT_MILLIS)) {
      return new StopOutcome.Failed(
          EngineException.of(
              ErrorCode.RUNTIME,
              attempted,
              "process " + supervisor.pid() + " or its sandbox did not end when killed",
              "it waits for the kernel, perhaps for a disk or a network file system"));
    }
    // Nobody is left to do it. The lock goes with the last process, an instant later; a gc may be
    // quicker than we.
    if (pod.tryLock() && pod.inPlace()) {
      new PodRemains(pods, reporter).releaseRuntime(pod);
      pod.unlock();
    }
    return new StopOutcome.Stopped();
  }
}
