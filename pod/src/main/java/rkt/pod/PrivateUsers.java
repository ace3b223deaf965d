package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.IdRange;

/** The steps of preparing and launching that pods with a user namespace of their own take more. */
final class PrivateUsers {
  private PrivateUsers() {}

  /** Whether the owners of the pod's files can be mapped; says so when they cannot. */
  static boolean mappable(Kernel kernel, Path podDir, boolean overlay, Reporter reporter)
      throws EngineException {
    try {
      Optional<String> obstacle =
          UserNamespaces.mappingObstacle(kernel, podDir.toString(), overlay);
      if (obstacle.isPresent()) {
        reporter.note(
            "stage0", obstacle.get() + "; copying the images and changing the owners instead");
      }
      return obstacle.isEmpty();
    } catch (OsException e) {
      throw Failures.system("cannot make a user namespace for the pod", e);
    }
  }

  /** Gives a new pod its IDs. Noted down at once, so that the pod's end is the claim's. */
  static IdRange claim(PodStore pods, Pod pod) throws EngineException {
    IdRange range = new IdRanges(pods).claim(pod.uuid());
    record(pods, pod, range);
    return range;
  }

  private static void record(PodStore pods, Pod pod, IdRange range) throws EngineException {
    try {
      pods.files().write(pod.path().resolve(PodFiles.USERS_PREPARED), range.text(), 0640);
    } catch (OsException e) {
      throw Failures.system("cannot record the pod's range of user IDs", e);
    }
  }

  /** Makes sure that a pod that was prepared earlier can have its user namespace, and its IDs. */
  static PreparedPod renew(PodStore pods, Pod pod, PreparedPod prepared) throws EngineException {
    if (prepared.users().isEmpty()) {
      return prepared;
    }
    Optional<String> obstacle = UserNamespaces.obstacle(pods.kernel());
    if (obstacle.isPresent()) {
      throw EngineException.of(ErrorCode.UNSUPPORTED, "run-prepared", obstacle.get());
    }
    IdRange had = prepared.users().get();
    IdRange range = new IdRanges(pods).renew(pod.uuid(), had);
    if (range.equals(had)) {
      return prepared;
    }
    record(pods, pod, range);
    return prepared.withUsers(range);
  }
}
