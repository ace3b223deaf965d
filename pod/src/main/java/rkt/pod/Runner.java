package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.ManifestBuilder.FoundApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;
import rkt.stage1.IdRange;
import rkt.store.ImageRecord;

/**
 * {@code rkt run}, {@code rkt prepare} and {@code rkt run-prepared}: the flow from an image to a
 * process that is the pod.
 *
 * <p>Whatever fails before the exec leaves nothing behind: the pod's directory goes through {@code
 * garbage}, so that even a kill during that clean-up is cleaned up by the next gc. Mounts need no
 * clean-up; they end with the launching thread.
 */
public final class Runner {
  private final Path dataDir;
  private final Kernel kernel;
  private final PodStore pods;
  private final PodImages store;
  private final ImageSource images;
  private final Launcher launcher;
  private final Reporter reporter;

  Runner(
      Path dataDir,
      PodStore pods,
      PodImages store,
      ImageSource images,
      Launcher launcher,
      Reporter reporter) {
    this.dataDir = dataDir;
    this.kernel = pods.kernel();
    this.pods = pods;
    this.store = store;
    this.images = images;
    this.launcher = launcher;
    this.reporter = reporter;
  }

  /** Does not return, except in a training run: the process becomes the pod. */
  public void run(RunRequest request) throws EngineException {
    ownUmask();
    List<ImageRecord> found = findImages(request.pod());
    Pod pod = pods.create();
    try {
      if (request.uuidFileSave().isPresent()) {
        saveUuid(request.uuidFileSave().get(), pod.uuid());
      }
      PreparedPod prepared = prepare(pod, request.pod(), found);
      Launcher.Outside outside = launcher.outside(prepared, request.launch());
      move(pod, PodDirectory.RUN, "unable to transition to run");
      launcher.launch(pod, prepared, request.launch(), outside);
    } catch (EngineException | RuntimeException e) {
      discard(pod, e);
      throw e;
    }
    discard(pod, null);
  }

  /**
   * Plans a pod and removes it again. Planning looks into the apps' roots, so there is a pod in
   * {@code run} for a moment, which no process belongs to.
   */
  public PodPlan plan(RunRequest request) throws EngineException {
    ownUmask();
    List<ImageRecord> found = findImages(request.pod());
    Pod pod = pods.create();
    PodPlan plan;
    try {
      PreparedPod prepared = prepare(pod, request.pod(), found);
      move(pod, PodDirectory.RUN, "unable to transition to run");
      plan = launcher.plan(pod, prepared, request.launch());
    } catch (EngineException | RuntimeException e) {
      discard(pod, e);
      throw e;
    }
    discard(pod, null);
    return plan;
  }

  /** Makes a pod that {@link #runPrepared} starts later. */
  public PodUuid prepare(PodRequest request) throws EngineException {
    ownUmask();
    List<ImageRecord> found = findImages(request);
    Pod pod = pods.create();
    try {
      prepare(pod, request, found);
      try {
        kernel.syncfs(pod.fd());
      } catch (OsException e) {
        throw Failures.system("error syncing pod data", e);
      }
      move(pod, PodDirectory.PREPARED, "error transitioning to prepared");
      pod.close();
      return pod.uuid();
    } catch (EngineException | RuntimeException e) {
      discard(pod, e);
      throw e;
    } catch (OsException e) {
      throw Failures.system("error transitioning to prepared", e);
    }
  }

  /** Does not return, except in a training run: the process becomes the pod. */
  public void runPrepared(PodUuid uuid, LaunchRequest request) throws EngineException {
    ownUmask();
    Pod pod = lockPrepared(uuid);
    try {
      PreparedPod prepared = Preparer.read(pod, pods.files());
      if (request.interactive() && prepared.apps().size() > 1) {
        throw EngineException.of(
            ErrorCode.USAGE, "run-prepared", "interactive option only supports pods with one app");
      }
      if (prepared.overlay() && overlayObstacle().isPresent()) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            "run-prepared",
            "unable to run prepared overlay-enabled pod: overlay not supported",
            overlayObstacle().get());
      }
      Launcher.Outside outside = launcher.outside(prepared, request);
      prepared = PrivateUsers.renew(pods, pod, prepared);
      move(pod, PodDirectory.RUN, "cannot transition to run");
      try {
        launcher.launch(pod, prepared, request, outside);
      } catch (EngineException | RuntimeException e) {
        discard(pod, e);
        throw e;
      }
      discard(pod, null);
    } finally {
      close(pod);
    }
  }

  /**
   * The modes we state are the modes we mean, and what the pod inherits must not depend on who
   * starts it.
   */
  private void ownUmask() {
    kernel.umask(022);
  }

  private List<ImageRecord> findImages(PodRequest request) throws EngineException {
    List<ImageRecord> found = new ArrayList<>(request.apps().size());
    for (AppRequest app : request.apps()) {
      found.add(images.find(app.image(), app.signature()));
    }
    return found;
  }

  /** From here to the end of preparing, no image gc runs. */
  private PreparedPod prepare(Pod pod, PodRequest request, List<ImageRecord> images)
      throws EngineException {
    boolean overlay = request.overlay() && overlayUsable();
    Optional<IdRange> users = Optional.empty();
    if (request.privateUsers()) {
      overlay = PrivateUsers.mappable(kernel, pod.path(), overlay, reporter) && overlay;
      users = Optional.of(PrivateUsers.claim(pods, pod));
    }
    try (FileLock imagesStay = pods.sharedPrepareLock()) {
      List<FoundApp> found = new ArrayList<>(images.size());
      for (int i = 0; i < images.size(); i++) {
        found.add(hold(request.apps().get(i), images.get(i)));
      }
      return new Preparer(pods.files(), kernel, store, reporter)
          .prepare(pod, request, found, overlay, users);
    } catch (OsException e) {
      throw Failures.system("cannot get shared prepare lock", e);
    }
  }

  /**
   * An image gc may have run between finding an image and taking the lock: then it is found anew.
   * Finding is not done under the lock in the first place, because a fetch may take long.
   */
  private FoundApp hold(AppRequest app, ImageRecord image) throws EngineException {
    try {
      return used(app, image);
    } catch (EngineException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return used(app, images.find(app.image(), app.signature()));
    }
  }

  private FoundApp used(AppRequest app, ImageRecord image) throws EngineException {
    store.touch(image);
    return new FoundApp(app, image, store.manifest(image));
  }

  private boolean overlayUsable() throws EngineException {
    Optional<String> obstacle = overlayObstacle();
    if (obstacle.isPresent()) {
      reporter.note("", "disabling overlay support: \"" + obstacle.get() + "\"");
    }
    return obstacle.isEmpty();
  }

  private Optional<String> overlayObstacle() throws EngineException {
    try {
      return OverlaySupport.obstacle(kernel, dataDir);
    } catch (OsException e) {
      throw Failures.system("error determining overlay support", e);
    }
  }

  private void saveUuid(Path file, PodUuid uuid) throws EngineException {
    try {
      pods.files().write(file, uuid.value().getBytes(StandardCharsets.UTF_8), 0644);
    } catch (OsException e) {
      throw Failures.system("error saving pod UUID to file", e);
    }
  }

  private Pod lockPrepared(PodUuid uuid) throws EngineException {
    EngineException notPrepared =
        EngineException.of(
            ErrorCode.CONFLICT, "run-prepared", "pod \"" + uuid.value() + "\" is not prepared");
    try {
      Pod pod = pods.open(uuid, PodDirectory.PREPARED);
      if (pod == null) {
        throw notPrepared;
      }
      if (!pod.tryLock() || !pod.inPlace()) {
        pod.close();
        throw notPrepared;
      }
      return pod;
    } catch (OsException e) {
      throw Failures.system("cannot get pod", e);
    }
  }

  private static void move(Pod pod, PodDirectory target, String attempted) throws EngineException {
    try {
      pod.move(target);
    } catch (OsException e) {
      throw Failures.system(attempted, e);
    }
  }

  /**
   * Takes the pod out of sight, then away. What fails here is left to gc and never hides {@code
   * because}.
   */
  private void discard(Pod pod, @org.jspecify.annotations.Nullable Exception because) {
    try (pod) {
      new PodRemains(pods, reporter).discard(pod);
    } catch (EngineException | OsException e) {
      if (because != null) {
        because.addSuppressed(e);
      } else {
        reporter.note("", String.valueOf(e.getMessage()));
      }
    }
  }

  private static void close(Pod pod) throws EngineException {
    try {
      pod.close();
    } catch (OsException e) {
      throw Failures.system("close pod", e);
    }
  }
}
