package rkt.pod;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.PodUuid;
import rkt.store.GcPolicy;
import rkt.store.GcReport;
import rkt.store.ImageStore;

/**
 * {@code rkt image gc}: what no pod uses and nobody used for a while goes.
 *
 * <p>Holds the exclusive prepare lock, so that no pod is between choosing its images and recording
 * them.
 */
public final class ImageCollector {
  private final PodStore pods;
  private final Kernel kernel;
  private final ImageStore images;
  private final InstantSource clock;

  ImageCollector(PodStore pods, ImageStore images, InstantSource clock) {
    this.pods = pods;
    this.kernel = pods.kernel();
    this.images = images;
    this.clock = clock;
  }

  /** Images unused for {@code gracePeriod}, and the trees that no pod stands on. */
  public GcReport collect(Duration gracePeriod) throws EngineException {
    return collect(gracePeriod, false);
  }

  /**
   * The same, or only what it would decide.
   *
   * @param dryRun removes nothing
   */
  public GcReport collect(Duration gracePeriod, boolean dryRun) throws EngineException {
    try {
      pods.layout().ensure();
      try (FileLock nobodyPrepares = FileLock.keyExclusive(kernel, pods.layout().prepareLock())) {
        Set<ImageId> inUse = new HashSet<>();
        Set<String> trees = new HashSet<>();
        Map<String, String> users = new HashMap<>();
        roots(inUse, trees, users);
        java.time.Instant since = clock.instant().minus(gracePeriod);
        long nanos = PodFiles.nanos(since.getEpochSecond(), since.getNano());
        return images.gc(
            new GcPolicy(true, nanos, inUse, trees).withUsers(users).withDryRun(dryRun));
      }
    } catch (IOException e) {
      throw Failures.system("cannot get exclusive prepare lock", e);
    }
  }

  /**
   * Trees of every pod, whatever its state: an exited one may be exported, and one in garbage may
   * still be mounted. Images only of pods that run or will: an exited pod needs its tree, not its
   * image.
   */
  private void roots(Set<ImageId> inUse, Set<String> trees, Map<String, String> users)
      throws EngineException, OsException {
    for (PodUuid uuid : pods.uuids(PodDirectory.values())) {
      try (Pod pod = pods.open(uuid)) {
        if (pod != null) {
          boolean needsImage =
              pod.directory() == PodDirectory.RUN || pod.directory() == PodDirectory.PREPARED;
          roots(pod, needsImage, inUse, trees, users);
        }
      }
    }
  }

  private void roots(
      Pod pod, boolean needsImage, Set<ImageId> inUse, Set<String> trees, Map<String, String> users)
      throws OsException {
    String user = "pod " + pod.uuid();
    try (Fd info = Fd.openat(kernel, pod.fd(), PodFiles.APPS_INFO, rkt.os.Consts.O_RDONLY, 0)) {
      for (String app : kernel.list(info.number())) {
        Optional<String> tree =
            pods.files().text(info.number(), app + "/" + PodFiles.TREE_STORE_ID);
        if (tree.isPresent()) {
          trees.add(tree.get());
          users.putIfAbsent(tree.get(), user);
        }
        Optional<String> image = pods.files().text(info.number(), app + "/" + PodFiles.IMAGE_ID);
        if (needsImage && image.isPresent()) {
          addImage(image.get(), inUse);
          users.putIfAbsent(image.get(), user);
        }
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  private static void addImage(String text, Set<ImageId> inUse) {
    try {
      inUse.add(new ImageId(text));
    } catch (SchemaException torn) {
      // Power was lost while it was written; the pod that would have used it never ran.
      return;
    }
  }
}
