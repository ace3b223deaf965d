package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
import rkt.stage1.rootfs.Rootfs;

/**
 * Mounts the volumes of a pod's apps, and makes its empty volumes in {@code sharedVolumes}.
 *
 * <p>A mount point of the image that nothing is mounted on gets the volume of its name, else an
 * empty one of its own. What is mounted is decided first, for all of an app, and its implicit
 * volumes are filled; then the mounts are made, those that lie in others after them.
 *
 * <p>Each source is opened once in the life of this object, which is to be closed.
 */
final class Volumes implements AutoCloseable {
  private static final String SETTING_UP = "error setting up volumes";
  private static final String DOCKER = "appc.io/docker/";

  private final Kernel kernel;
  private final PodFiles files;
  private final Reporter reporter;
  private final Path podDir;
  private final PodManifest manifest;
  private final boolean starting;
  private final VolumeSources sources;
  private final Map<String, Fd> opened = new HashMap<>(4);
  private boolean sharedMade;

  /**
   * @param starting false when the pod is only planned
   * @param label SELinux label of file systems that are made; empty for none
   */
  Volumes(
      Kernel kernel,
      PodFiles files,
      Reporter reporter,
      Path podDir,
      PodManifest manifest,
      boolean starting,
      String label) {
    this.kernel = kernel;
    this.files = files;
    this.reporter = reporter;
    this.podDir = podDir;
    this.manifest = manifest;
    this.starting = starting;
    this.sources = new VolumeSources(kernel, files, podDir, label);
  }

  /** A volume and where it goes; those nearer to the root come first. */
  private record Wanted(Fd source, String origin, Volume volume, String target, boolean readOnly)
      implements Comparable<Wanted> {
    @Override
    public int compareTo(Wanted other) {
      return Integer.compare(depth(), other.depth());
    }

    private int depth() {
      int depth = 0;
      for (int i = 0; i < target.length(); i++) {
        depth += target.charAt(i) == '/' ? 1 : 0;
      }
      return depth;
    }
  }

  /**
   * Mounts an app's volumes.
   *
   * @param root the app's root file system
   */
  List<BindMount> mountsOf(PreparedApp app, Path root) throws EngineException, OsException {
    if (app.runtime().mounts().isEmpty() && app.app().mountPoints().isEmpty()) {
      return List.of();
    }
    try (Rootfs rootfs = Rootfs.open(kernel, root)) {
      List<Wanted> wanted = wanted(app, root, rootfs);
      Collections.sort(wanted);
      VolumeTargets targets = new VolumeTargets(kernel, SETTING_UP, rootfs, starting);
      List<BindMount> out = new ArrayList<>(wanted.size());
      for (Wanted each : wanted) {
        boolean recursive = each.volume().recursive().orElse(true);
        boolean follows = each.volume().followsHost();
        Path place = sources.mount(each.source(), recursive, each.readOnly(), follows);
        out.add(
            targets.place(
                new BindMount(
                    place,
                    each.target(),
                    each.readOnly(),
                    recursive,
                    false,
                    follows,
                    each.origin())));
      }
      return out;
    }
  }

  private List<Wanted> wanted(PreparedApp app, Path root, Rootfs rootfs)
      throws EngineException, OsException {
    List<Wanted> out = new ArrayList<>();
    Set<String> targets = new HashSet<>();
    Set<String> places = new HashSet<>();
    for (Mount mount : app.runtime().mounts()) {
      String target = ManifestBuilder.cleanPath(mount.path());
      // Of those with one target the first counts, as the ancestor had it.
      if (!targets.add(target)) {
        continue;
      }
      places.add(rootfs.landing(target));
      boolean own = mount.appVolume().isPresent();
      Volume volume = own ? mount.appVolume().get() : named(mount.volume());
      if (volume == null) {
        throw EngineException.of(
            ErrorCode.INVALID, SETTING_UP, "could not find volume " + mount.volume().value());
      }
      boolean readOnly = volume.readOnly().orElse(readOnlyMountPoint(app, target));
      out.add(wanted(volume, own ? app.name() : "", target, readOnly));
    }
    for (MountPoint point : app.app().mountPoints()) {
      String target = ManifestBuilder.cleanPath(point.path());
      if (targets.add(target) && places.add(rootfs.landing(target))) {
        Volume volume = named(point.name());
        out.add(
            volume == null
                ? implicit(app, point, target, root)
                : wanted(volume, "", target, volume.readOnly().orElse(point.readOnly())));
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

  /**
   * @param app the app that a volume belongs to; empty: the pod
   */
  private Wanted wanted(Volume volume, String app, String target, boolean readOnly)
      throws EngineException, OsException {
    // No name of an app or a volume has a dot in it.
    String name = app.isEmpty() ? volume.name().value() : app + "." + volume.name().value();
    Fd source = opened.get(name);
    if (source == null) {
      source = open(volume, name);
      opened.put(name, source);
    }
    String origin =
        volume.kind() == Volume.Kind.HOST
            ? volume.source()
            : volume.kind().text() + " volume \"" + volume.name().value() + "\"";
    return new Wanted(source, origin, volume, target, readOnly);
  }

  private Fd open(Volume volume, String name) throws EngineException, OsException {
    switch (volume.kind()) {
      case HOST -> {
        return existing(volume.source());
      }
      case EMPTY -> {
        Path dir = shared(name);
        files.mkdir(dir, 0700);
        attributes(dir, volume);
        return path(dir);
      }
      case TMPFS -> {
        String options =
            "mode="
                + Integer.toOctalString(volume.modeBits())
                + ",uid="
                + volume.uid().orElse(0)
                + ",gid="
                + volume.gid().orElse(0);
        if (volume.size().isPresent()) {
          options = options + ",size=" + volume.size().get().ceilValue();
        }
        return path(sources.tmpfs(options));
      }
    }
    throw new AssertionError(volume.kind());
  }

  private Fd path(Path path) throws OsException {
    return Fd.open(kernel, path.toString(), Consts.O_PATH | Consts.O_NOFOLLOW, 0);
  }

  private void attributes(Path dir, Volume volume) throws OsException {
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      kernel.fchown(fd.number(), volume.uid().orElse(0), volume.gid().orElse(0));
      kernel.fchmod(fd.number(), volume.modeBits());
    }
  }

  /**
   * The source of a host volume, opened: what is checked and what is mounted is this file, whatever
   * becomes of its name. Links that lead to it are the user's and are followed.
   */
  private Fd existing(String source) throws EngineException {
    try {
      return Fd.open(kernel, source, Consts.O_PATH, 0);
    } catch (OsException e) {
      throw new EngineException(
          e.is(Errno.ENOENT) ? ErrorCode.NOT_FOUND : ErrorCode.INVALID,
          SETTING_UP,
          "Failed to stat " + source + ": " + Errno.message(e.errno()),
          "create the directory or correct source= of the volume",
          e);
    }
  }

  private Wanted implicit(PreparedApp app, MountPoint point, String target, Path root)
      throws OsException {
    reporter.note(
        "stage1",
        "warning: no volume specified for mount point \""
            + point.name().value()
            + "\", implicitly creating an \"empty\" volume. This volume will be removed when the pod is"
            + " garbage-collected.");
    String name = app.name() + "-" + point.name().value();
    Path dir = shared(name);
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
        new TreeCopy(kernel).fromRoot(root, target, fd.number());
      }
    }
    Fd source = path(dir);
    opened.put(app.name() + "." + point.name().value() + ".", source);
    return new Wanted(
        source,
        "implicit volume \"" + name + "\"",
        Volume.empty(point.name()),
        target,
        point.readOnly());
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

  @Override
  public void close() throws OsException {
    for (Fd source : opened.values()) {
      source.close();
    }
  }
}
