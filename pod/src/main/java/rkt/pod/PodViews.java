package rkt.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Labels;
import rkt.schema.appc.Mount;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.Volume;
import rkt.schema.cni.NetInfo;

/** Reads what a pod's directory tells about it. */
final class PodViews {
  private final PodFiles files;
  private final Kernel kernel;

  PodViews(PodFiles files, Kernel kernel) {
    this.files = files;
    this.kernel = kernel;
  }

  /**
   * The pod as it is now.
   *
   * @return null when it is gone
   */
  @Nullable PodView of(Pod pod) throws OsException {
    PodState state = pod.state();
    if (state == null) {
      return null;
    }
    PodManifest manifest = null;
    String problem = null;
    byte[] bytes = files.readIfPresent(pod.fd(), PodFiles.MANIFEST);
    if (bytes == null) {
      // A pod being prepared has none yet, which is no one's fault.
      problem = state == PodState.PREPARING ? null : "pod manifest is missing";
    } else {
      try {
        manifest = PodManifest.parse(bytes);
      } catch (SchemaException e) {
        problem = e.getMessage();
      }
    }
    OptionalLong created = mtime(pod, PodFiles.CREATED, PodFiles.MANIFEST);
    OptionalLong started = mtime(pod, PodFiles.PID, PodFiles.PPID);
    List<AppView> apps = new ArrayList<>();
    if (manifest != null) {
      OptionalLong marked = gcMark(pod, state);
      for (RuntimeApp app : manifest.apps()) {
        apps.add(app(pod, state, manifest, app, created, started, marked));
      }
    }
    return new PodView(
        pod.uuid(),
        state,
        created,
        started,
        pid(pod),
        ready(pod),
        Optional.ofNullable(manifest),
        apps,
        networks(pod),
        manifest == null ? Map.of() : manifest.userAnnotations(),
        manifest == null ? Map.of() : manifest.userLabels(),
        files.text(pod.fd(), PodFiles.FAILURE),
        Optional.ofNullable(problem));
  }

  private AppView app(
      Pod pod,
      PodState state,
      PodManifest manifest,
      RuntimeApp app,
      OptionalLong created,
      OptionalLong started,
      OptionalLong marked)
      throws OsException {
    AppExit exit = AppExit.read(files, pod.fd(), app.name().value());
    AppState appState = appState(state, exit);
    boolean hasStarted = appState == AppState.RUNNING || appState == AppState.EXITED;
    OptionalLong finished = OptionalLong.empty();
    if (appState == AppState.EXITED) {
      finished = exit.finishedNanos().isPresent() ? exit.finishedNanos() : marked;
    }
    OptionalLong appStarted = exit.startedNanos().isPresent() ? exit.startedNanos() : started;
    return new AppView(
        app.name(),
        appState,
        app.image().id(),
        imageName(pod, app),
        created,
        hasStarted ? appStarted : OptionalLong.empty(),
        finished,
        exit.code(),
        exit.cause(),
        exit.signal(),
        mounts(manifest, app),
        app.app().isPresent() ? app.app().get().userAnnotations() : Map.of(),
        app.app().isPresent() ? app.app().get().userLabels() : Map.of(),
        exit.oomKills());
  }

  private static AppState appState(PodState state, AppExit exit) {
    if (exit.code().isPresent()) {
      return AppState.EXITED;
    }
    return switch (state) {
      case PREPARED -> AppState.CREATED;
      case RUNNING -> AppState.RUNNING;
      case EXITED, EXITED_DELETING, EXITED_GARBAGE, GARBAGE, DELETING -> AppState.EXITED;
      case EMBRYO, PREPARING, ABORTED_PREPARE -> AppState.UNKNOWN;
    };
  }

  /** As the pod manifest has it; one that a user wrote may leave it to the image's. */
  private Optional<String> imageName(Pod pod, RuntimeApp app) throws OsException {
    if (app.image().name().isPresent()) {
      return Optional.of(named(app.image().name().get(), app.image().labels()));
    }
    String file = PodFiles.APPS_INFO + "/" + app.name().value() + "/manifest";
    byte[] bytes = files.readIfPresent(pod.fd(), file);
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      ImageManifest image = ImageManifest.parse(bytes);
      return Optional.of(named(image.name(), image.labels()));
    } catch (SchemaException e) {
      return Optional.empty();
    }
  }

  private static String named(AcIdentifier name, Labels labels) {
    Optional<String> version = labels.get("version");
    return version.isPresent() ? name.value() + ":" + version.get() : name.value();
  }

  private static List<AppView.MountView> mounts(PodManifest manifest, RuntimeApp app) {
    List<AppView.MountView> out = new ArrayList<>(app.mounts().size());
    for (Mount mount : app.mounts()) {
      Volume volume = mount.appVolume().isPresent() ? mount.appVolume().get() : null;
      for (Volume candidate : manifest.volumes()) {
        if (volume == null && candidate.name().equals(mount.volume())) {
          volume = candidate;
        }
      }
      String host = volume == null ? "" : volume.source();
      boolean readOnly = volume != null && volume.readOnly().orElse(false);
      out.add(new AppView.MountView(mount.volume().value(), mount.path(), host, readOnly));
    }
    return out;
  }

  private OptionalLong mtime(Pod pod, String first, String second) throws OsException {
    Stat stat = files.stat(pod.fd(), first);
    if (stat == null) {
      stat = files.stat(pod.fd(), second);
    }
    return stat == null
        ? OptionalLong.empty()
        : OptionalLong.of(PodFiles.nanos(stat.mtimeSec(), stat.mtimeNsec()));
  }

  /** When the pod was marked as garbage: the last change of its directory's inode was the move. */
  private OptionalLong gcMark(Pod pod, PodState state) throws OsException {
    if (state != PodState.EXITED_GARBAGE && state != PodState.EXITED_DELETING) {
      return OptionalLong.empty();
    }
    Stat stat = kernel.fstat(pod.fd());
    return OptionalLong.of(PodFiles.nanos(stat.ctimeSec(), stat.ctimeNsec()));
  }

  private OptionalInt pid(Pod pod) throws OsException {
    OptionalInt pid = number(files.text(pod.fd(), PodFiles.PID));
    return pid.isPresent() ? pid : number(files.text(pod.fd(), PodFiles.PPID));
  }

  /** A positive decimal number; empty for anything else. */
  static OptionalInt number(Optional<String> text) {
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int value = Integer.parseInt(text.get());
      return value > 0 ? OptionalInt.of(value) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  boolean ready(Pod pod) throws OsException {
    return ready(kernel, pod);
  }

  /** Every app's container stands: what the supervisor's link says. */
  static boolean ready(Kernel kernel, Pod pod) throws OsException {
    try {
      return kernel.readlinkat(pod.fd(), PodFiles.SUPERVISOR_STATUS).equals("ready");
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EINVAL)) {
        return false;
      }
      throw e;
    }
  }

  private List<NetInfo> networks(Pod pod) throws OsException {
    byte[] bytes = files.readIfPresent(pod.fd(), "net-info.json");
    if (bytes == null) {
      return List.of();
    }
    try {
      return NetInfo.parse(bytes);
    } catch (SchemaException e) {
      // Half a list would read as the truth; none reads as "not known".
      return List.of();
    }
  }
}
