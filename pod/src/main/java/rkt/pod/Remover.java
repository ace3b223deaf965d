package rkt.pod;

import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;

/** {@code rkt rm}: takes away a pod that nobody uses, without waiting for gc. */
public final class Remover {
  private final PodStore pods;
  private final Reporter reporter;

  Remover(PodStore pods, Reporter reporter) {
    this.pods = pods;
    this.reporter = reporter;
  }

  /** Removes the pod and all it left. */
  public RemoveOutcome remove(PodUuid uuid) {
    try (Pod pod = pods.open(uuid)) {
      if (pod == null) {
        return gone(uuid);
      }
      while (true) {
        if (!pod.tryLock()) {
          return new RemoveOutcome.Busy(busy(pod, uuid));
        }
        if (pod.inPlace()) {
          break;
        }
        // Locked, so it stays where it is found now.
        if (!pod.relocate()) {
          return gone(uuid);
        }
      }
      toGarbage(pod);
      new PodRemains(pods, reporter).destroy(pod);
      return new RemoveOutcome.Removed();
    } catch (EngineException e) {
      return new RemoveOutcome.Failed(e);
    } catch (OsException e) {
      return new RemoveOutcome.Failed(
          Failures.system("cannot remove pod \"" + uuid.value() + "\"", e));
    }
  }

  private void toGarbage(Pod pod) throws OsException {
    String name = "\"" + pod.uuid().value() + "\"";
    switch (pod.directory()) {
      case EMBRYO, PREPARE -> {
        reporter.note("", "moving failed prepare " + name + " to garbage");
        pod.move(PodDirectory.GARBAGE);
      }
      case PREPARED -> {
        reporter.note("", "moving expired prepared pod " + name + " to garbage");
        pod.move(PodDirectory.GARBAGE);
      }
      case RUN -> pod.move(PodDirectory.EXITED_GARBAGE);
      case EXITED_GARBAGE, GARBAGE -> {}
    }
  }

  private static String busy(Pod pod, PodUuid uuid) throws OsException {
    PodState state = pod.state();
    String name = "pod \"" + uuid.value() + "\" is currently ";
    return switch (state) {
      case EMBRYO, PREPARING, ABORTED_PREPARE, PREPARED -> name + "being prepared";
      case EXITED_DELETING, EXITED_GARBAGE, DELETING, GARBAGE -> name + "being deleted";
      case RUNNING, EXITED -> name + "running";
      case null -> name + "being deleted";
    };
  }

  private static RemoveOutcome gone(PodUuid uuid) {
    return new RemoveOutcome.Failed(
        EngineException.of(
            ErrorCode.NOT_FOUND,
            "problem retrieving pod",
            "no matches found for \"" + uuid.value() + "\""));
  }
}
