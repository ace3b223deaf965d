package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Mount;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.Volume;
import rkt.stage1.BindMount;

/**
 * Resolves an app's mounts to host paths and makes the pod's empty volumes in {@code
 * sharedVolumes}.
 *
 * <p>A mount point of the image that nothing is mounted on gets the volume of its name, else an
 * empty one of its own.
 */
final class Volumes {
  private static final String SETTING_UP = "error setting up volumes";
  private static final String DOCKER = "appc.io/docker/";

  private final Kernel kernel;
  private final PodFiles files;
  private final Reporter reporter;
  private final Path podDir;
  private final PodManifest manifest;
  private boolean sharedMade;

  Volumes(Kernel kernel, PodFiles files, Reporter reporter, Path podDir, PodManifest manifest) {
    this.kernel = kernel;
    this.files = files;
    this.reporter = reporter;
    this.podDir = podDir;
    this.manifest = manifest;
  }

  List<BindMount> mountsOf(PreparedApp app, Path rootfs) throws EngineException, OsException {
    List<BindMount> out = new ArrayList<>();
    Set<String> targets = new HashSet<>();
    for (Mount mount : app.runtime().mounts()) {
      String target = ManifestBuilder.cleanPath(mount.path());
      targets.add(target);
      Volume volume =
          mount.appVolume().isPresent() ? mount.appVolume().get() : named(mount.volume());
      if (volume == null) {
        throw EngineException.of(
            ErrorCode.INVALID, SETTING_UP, "could not find volume " + mount.volume().value());
      }
      out.add(bind(volume, target, readOnlyMountPoint(app, target)));
    }
    for (MountPoint point : app.app().mountPoints()) {
      String target = ManifestBuilder.cleanPath(point.path());
      if (targets.add(target)) {
        Volume volume = named(point.name());
        out.add(
            volume == null
                ? implicit(app, point, target, rootfs)
                : bind(volume, target, point.readOnly()));
      }
    }
    return out;
  }

  private @Nullable Volume named(AcName name) {
    for (Volume volume : manifest.volumes()) {
      if (volume.name().equals(name)) {
        return volume;
      }
    }
    return null;
  }

  private static boolean readOnlyMountPoint(PreparedApp app, String target) {
    for (MountPoint point : app.app().mountPoints()) {
      if (ManifestBuilder.cleanPath(point.path()).equals(target)) {
        return point.readOnly();
      }
    }
    return false;
  }

  private BindMount bind(Volume volume, String target, boolean pointReadOnly)
      throws EngineException, OsException {
    boolean readOnly = volume.readOnly().orElse(pointReadOnly);
    if (volume.kind() == Volume.Kind.HOST) {
      String source = volume.source();
      return new BindMount(existing(source), target, readOnly, volume.recursive().orElse(true));
    }
    Path dir = shared(volume.name().value());
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), 0700);
      attributes(dir, volume);
    } catch (OsException e) {
      // Another app of the pod mounts it too.
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    return new BindMount(dir, target, readOnly, true);
  }

  private void attributes(Path dir, Volume volume) throws OsException {
    int uid = volume.uid().orElse(0);
    int gid = volume.gid().orElse(0);
    int mode = Integer.parseInt(volume.mode().orElse("0755"), 8);
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      kernel.fchown(fd.number(), uid, gid);
      kernel.fchmod(fd.number(), mode);
    }
  }

  /**
   * The source of a host volume with its links resolved, so that what is checked is what is
   * mounted.
   */
  private Path existing(String source) throws EngineException {
    try {
      return Path.of(source).toRealPath();
    } catch (java.nio.file.NoSuchFileException e) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          SETTING_UP,
          "Failed to stat " + source + ": No such file or directory",
          "create the directory or correct source= of the volume");
    } catch (java.io.IOException e) {
      throw Failures.system(SETTING_UP, e);
    }
  }

  private BindMount implicit(PreparedApp app, MountPoint point, String target, Path rootfs)
      throws OsException {
    reporter.note(
        "stage1",
        "warning: no volume specified for mount point \""
            + point.name().value()
            + "\", implicitly creating an \"empty\" volume. This volume will be removed when the pod is"
            + " garbage-collected.");
    Path dir = shared(app.name() + "-" + point.name().value());
    files.mkdir(dir, 0755);
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      kernel.fchown(fd.number(), 0, 0);
      kernel.fchmod(fd.number(), 0755);
      if (fromDocker(app)) {
        reporter.note(
            "stage1",
            "Docker converted image, initializing implicit volume with data contained at the mount"
                + " point \""
                + point.name().value()
                + "\".");
        new TreeCopy(kernel).fromRoot(rootfs, target, fd.number());
      }
    }
    return new BindMount(dir, target, point.readOnly(), true);
  }

  private static boolean fromDocker(PreparedApp app) {
    for (rkt.schema.appc.Annotation annotation : app.image().annotations().list()) {
      if (annotation.name().startsWith(DOCKER)) {
        return true;
      }
    }
    return false;
  }

  /** For root alone, as apps may leave set-user-ID programs in volumes (CVE-2021-41091). */
  private Path shared(String name) throws OsException {
    Path dir = podDir.resolve(PodFiles.SHARED_VOLUMES);
    if (!sharedMade) {
      files.mkdir(dir, 0700);
      kernel.fchownat(
          Consts.AT_FDCWD,
          dir.toString(),
          kernel.geteuid(),
          kernel.getegid(),
          Consts.AT_SYMLINK_NOFOLLOW);
      kernel.fchmodat(Consts.AT_FDCWD, dir.toString(), 0700);
      sharedMade = true;
    }
    return dir.resolve(name);
  }
}
