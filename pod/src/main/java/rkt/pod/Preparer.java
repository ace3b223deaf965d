package rkt.pod;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.ManifestBuilder.FoundApp;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.Port;
import rkt.schema.appc.RuntimeApp;
import rkt.stage1.IdRange;
import rkt.store.ImageRecord;
import rkt.store.RootfsLayers;

/**
 * Fills a pod's directory while it is in {@code prepare}, and reads it back when it is run later.
 */
final class Preparer {
  private static final String SETTING_UP_IMAGE = "error setting up app image";

  private final PodFiles files;
  private final Kernel kernel;
  private final PodImages images;
  private final Reporter reporter;

  Preparer(PodFiles files, Kernel kernel, PodImages images, Reporter reporter) {
    this.files = files;
    this.kernel = kernel;
    this.images = images;
    this.reporter = reporter;
  }

  /**
   * Everything of the pod that does not depend on how it is launched. The caller holds the pod's
   * lock and the shared prepare lock.
   *
   * @param found the images of the request's apps, in order; empty with a pod manifest file
   * @param users the IDs of its user namespace, if it shall have one
   */
  PreparedPod prepare(
      Pod pod, PodRequest request, List<FoundApp> found, boolean overlay, Optional<IdRange> users)
      throws EngineException {
    try {
      Path dir = pod.path();
      files.write(dir.resolve(PodFiles.CREATED), "", 0640);
      files.write(dir.resolve(PodFiles.APP_LOCK), "", 0600);
      files.mkdir(dir.resolve(PodFiles.APPS_INFO), 0750);
      withoutGroup(dir.resolve("stage1"));
      files.mkdirs(dir, PodFiles.STAGE1_ROOT, 0755);
      // Below are the apps' roots with their set-user-ID programs: not for members of group rkt.
      files.mkdirs(dir, PodFiles.STAGE2, 0700);
      byte[] bytes = new byte[0];
      PodManifest manifest;
      if (request.podManifest().isPresent()) {
        bytes = readManifestFile(request.podManifest().get());
        manifest = parse(bytes);
      } else {
        manifest = ManifestBuilder.build(request, found, kernel.getuid(), kernel.getgid());
      }
      ManifestRules.check(manifest);
      List<PreparedApp> apps = new ArrayList<>(manifest.apps().size());
      List<Port> ports = new ArrayList<>();
      for (int i = 0; i < manifest.apps().size(); i++) {
        RuntimeApp app = manifest.apps().get(i);
        ImageRecord image = found.isEmpty() ? stored(app) : found.get(i).image();
        ImageManifest face = found.isEmpty() ? images.manifest(image) : found.get(i).manifest();
        PreparedApp prepared = prepareApp(dir, app, image, face, overlay);
        ports.addAll(prepared.app().ports());
        apps.add(prepared);
      }
      ManifestRules.checkPorts(manifest.ports(), ports);
      reporter.debug("stage0", "Writing pod manifest");
      if (bytes.length == 0) {
        bytes = manifest.toJson().getBytes(StandardCharsets.UTF_8);
      }
      files.write(dir.resolve(PodFiles.MANIFEST), bytes, 0640);
      if (overlay) {
        files.write(dir.resolve(PodFiles.OVERLAY_PREPARED), "", 0640);
      }
      return new PreparedPod(manifest, apps, overlay, users);
    } catch (OsException e) {
      throw Failures.system(ManifestBuilder.STAGE, e);
    }
  }

  private PreparedApp prepareApp(
      Path dir, RuntimeApp app, ImageRecord image, ImageManifest face, boolean overlay)
      throws EngineException, OsException {
    String name = app.name().value();
    reporter.debug("stage0", "Loading image " + image.id().value());
    try {
      face.checkRunnable();
    } catch (SchemaException e) {
      throw EngineException.of(SETTING_UP_IMAGE, e);
    }
    App section = effective(app, face);
    Path info = dir.resolve(PodFiles.APPS_INFO).resolve(name);
    files.mkdir(info, 0750);
    Path bundle = dir.resolve(PodFiles.STAGE2).resolve(name);
    files.mkdir(bundle, 0755);
    Path root = bundle.resolve("rootfs");
    files.mkdir(root, 0755);
    reporter.debug("stage0", "Writing image manifest");
    byte[] manifest = images.manifestBytes(image);
    files.write(info.resolve("manifest"), manifest, 0644);
    files.write(bundle.resolve("manifest"), manifest, 0644);
    files.write(info.resolve(PodFiles.IMAGE_ID), image.id().value(), 0640);
    if (!overlay) {
      images.copy(image, root);
      return new PreparedApp(app, section, face, "", List.of(), List.of());
    }
    RootfsLayers layers = images.layers(image);
    files.write(info.resolve(PodFiles.TREE_STORE_ID), layers.treeStoreId(), 0640);
    LayerFile record = new LayerFile(layers.lowerTopFirst(), layers.upperSeeds());
    files.write(info.resolve(PodFiles.LAYERS), record.toJson(), 0640);
    return new PreparedApp(
        app, section, face, layers.treeStoreId(), record.lowerTopFirst(), record.seeds());
  }

  /** Reads back what {@link #prepare} wrote. */
  static PreparedPod read(Pod pod, PodFiles files) throws EngineException {
    String attempted = "error setting up stage1";
    try {
      Path dir = pod.path();
      PodManifest manifest = parse(files.read(dir.resolve(PodFiles.MANIFEST)));
      boolean overlay = files.exists(pod.fd(), PodFiles.OVERLAY_PREPARED);
      List<PreparedApp> apps = new ArrayList<>(manifest.apps().size());
      for (RuntimeApp app : manifest.apps()) {
        Path info = dir.resolve(PodFiles.APPS_INFO).resolve(app.name().value());
        ImageManifest image = ImageManifest.parse(files.read(info.resolve("manifest")));
        String tree = "";
        LayerFile layers = new LayerFile(List.of(), List.of());
        if (overlay) {
          tree = text(files, info.resolve(PodFiles.TREE_STORE_ID));
          Path file = info.resolve(PodFiles.LAYERS);
          layers = LayerFile.parse(files.read(file), file.toString());
        }
        apps.add(
            new PreparedApp(
                app, effective(app, image), image, tree, layers.lowerTopFirst(), layers.seeds()));
      }
      return new PreparedPod(manifest, apps, overlay, users(pod, files));
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } catch (OsException e) {
      throw Failures.system(attempted, e);
    }
  }

  private static Optional<IdRange> users(Pod pod, PodFiles files)
      throws EngineException, OsException {
    Optional<String> text = files.text(pod.fd(), PodFiles.USERS_PREPARED);
    Optional<IdRange> range = text.isPresent() ? IdRange.parse(text.get()) : Optional.empty();
    if (text.isPresent() && range.isEmpty()) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          "error setting up stage1",
          pod.path().resolve(PodFiles.USERS_PREPARED) + " is no range of IDs",
          "remove the pod and prepare it again");
    }
    return range;
  }

  private static String text(PodFiles files, Path file) throws OsException {
    return new String(files.read(file), StandardCharsets.UTF_8).strip();
  }

  private static App effective(RuntimeApp app, ImageManifest image) throws EngineException {
    Optional<App> section = app.app().isPresent() ? app.app() : image.app();
    if (section.isEmpty()) {
      throw EngineException.of(
          ErrorCode.INVALID,
          ManifestBuilder.STAGE,
          "no app section in the pod manifest or the image manifest",
          "app \"" + app.name().value() + "\" needs one that says what to execute");
    }
    return section.get();
  }

  private ImageRecord stored(RuntimeApp app) throws EngineException {
    // A pod manifest may shorten the ID as a user may.
    Optional<ImageRecord> image = images.stored(app.image().id().value());
    if (image.isEmpty()) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          SETTING_UP_IMAGE,
          "cannot find image \"" + app.image().id().value() + "\"",
          "fetch it first");
    }
    return image.get();
  }

  private byte[] readManifestFile(Path file) throws EngineException {
    try {
      return rkt.os.SmallFiles.read(kernel, file.toString(), 8 << 20);
    } catch (IOException e) {
      throw Failures.system("error loading pod manifest", e);
    }
  }

  private static PodManifest parse(byte[] bytes) throws EngineException {
    try {
      return PodManifest.parse(bytes);
    } catch (SchemaException e) {
      throw EngineException.of("error loading pod manifest", e);
    }
  }

  /**
   * A directory for files that belong to the apps: without the set-group-ID bit that the pod
   * directory hands down, else every file that an app makes would belong to group rkt.
   */
  private void withoutGroup(Path dir) throws OsException {
    files.mkdir(dir, 0755);
    kernel.fchownat(
        Consts.AT_FDCWD,
        dir.toString(),
        kernel.geteuid(),
        kernel.getegid(),
        Consts.AT_SYMLINK_NOFOLLOW);
    kernel.fchmodat(Consts.AT_FDCWD, dir.toString(), 0755);
  }
}
