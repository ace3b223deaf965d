package rkt.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.FileImage;
import rkt.image.ImageString.HashImage;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageString.NameImage;
import rkt.image.ImageString.UrlImage;
import rkt.image.layout.LayoutImages;
import rkt.image.registry.RegistryImages;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageName;
import rkt.schema.appc.OsArch;
import rkt.schema.oci.Platform;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.ImportOptions;

/**
 * Turns an image string into a stored image, fetching it when the pull policy says so.
 *
 * <p>For one thread. A stored image is found without touching the network classes.
 */
public final class ImageFinder {
  private static final int BUFFER = 256 << 10;

  private final ImageStore store;
  private final FetchOptions options;
  private final Diagnostics diagnostics;
  private boolean warned;

  public ImageFinder(ImageStore store, FetchOptions options) {
    this.store = store;
    this.options = options;
    this.diagnostics = options.diagnostics();
  }

  /**
   * Finds or fetches one image and, for a fetched ACI, makes sure its dependencies are there.
   *
   * @throws EngineException NOT_FOUND, AMBIGUOUS, REFUSED when it could not be verified and no
   *     insecure option allows that, UNSUPPORTED for places this version does not fetch from, and
   *     whatever goes wrong on the way
   */
  public ImageRecord find(ImageString image) throws EngineException {
    // Not a pattern switch: its first use costs ten milliseconds (docs/adr/0001).
    if (image instanceof FileImage file) {
      return file(file);
    }
    if (image instanceof HashImage hash) {
      return hash(hash);
    }
    if (image instanceof DockerImage docker) {
      return docker(docker);
    }
    if (image instanceof LayoutImage layout) {
      return layout(layout);
    }
    return image instanceof NameImage name ? name(name) : url((UrlImage) image);
  }

  /** Read anew under every policy, as files are. */
  private ImageRecord layout(LayoutImage image) throws EngineException {
    if (options.insecure().has(InsecureOption.IMAGE)) {
      warnInsecure(false);
    }
    diagnostics.debug("using image from " + image.text());
    Platform platform = options.platform().orElseGet(Platforms::host);
    return new LayoutImages(store, platform, diagnostics, options.trust())
        .load(image, image.text(), new LayoutImage(image.kind(), image.path(), image.ref()).text());
  }

  private ImageRecord hash(HashImage image) throws EngineException {
    String attempted = "could not resolve image \"" + image.text() + "\"";
    ImageId id;
    try {
      id = store.resolve(image.text());
    } catch (EngineException e) {
      throw new EngineException(e.code(), attempted, e.why(), e.remedy(), e);
    }
    diagnostics.debug("using image from the store with hash " + image.text());
    Optional<ImageRecord> found = store.get(id);
    if (found.isEmpty()) {
      throw EngineException.of(ErrorCode.NOT_FOUND, attempted, "no image IDs found");
    }
    return found.get();
  }

  /** A local file is imported under every policy: it may have changed since. */
  private ImageRecord file(FileImage image) throws EngineException {
    Path path = image.path();
    if (!options.insecure().has(InsecureOption.IMAGE)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "import " + path,
          "this version cannot check the signature of an image file yet",
          "try --insecure-options=image if you trust it");
    }
    warnInsecure(false);
    diagnostics.debug("using image from file " + path);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
      ImageRecord record = store.importAci(in, ImportOptions.of(path.toString()));
      checkDependencies(record);
      return record;
    } catch (NoSuchFileException e) {
      throw opening(path, ErrorCode.NOT_FOUND, "no such file or directory", e);
    } catch (AccessDeniedException e) {
      throw opening(path, ErrorCode.PERMISSION, "permission denied", e);
    } catch (IOException e) {
      throw opening(path, ErrorCode.SYSTEM, String.valueOf(e.getMessage()), e);
    }
  }

  private static EngineException opening(Path path, ErrorCode code, String why, IOException cause) {
    return new EngineException(
        code, "error opening ACI file", "open " + path + ": " + why, "", cause);
  }

  private ImageRecord docker(DockerImage image) throws EngineException {
    String ref = "docker://" + image.reference().canonical();
    String shown = shown(image);
    if (options.pullPolicy().asksStore()) {
      Optional<ImageRecord> stored = store.byRef(ref);
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for url " + shown);
        return stored.get();
      }
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("docker image from URL", shown);
    }
    diagnostics.debug("remote fetching from URL \"" + shown + "\"");
    if (!options.insecure().has(InsecureOption.IMAGE)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "fetch " + shown,
          "signature verification for docker images is not supported (try --insecure-options=image)");
    }
    warnInsecure(true);
    diagnostics.debug("fetching image from " + shown);
    return new RegistryImages(
            store,
            options.platform().orElseGet(Platforms::host),
            options.limits(),
            diagnostics,
            options.userAgent(),
            options.insecure().has(InsecureOption.HTTP),
            options.insecure().has(InsecureOption.TLS))
        .pull(image.reference(), shown, ref);
  }

  /** As typed, in the long form of the scheme. */
  private static String shown(DockerImage image) {
    String text = image.text();
    if (text.startsWith("docker://")) {
      return text;
    }
    return text.startsWith("docker:")
        ? "docker://" + text.substring("docker:".length())
        : "docker://" + image.reference().familiar();
  }

  private ImageRecord url(UrlImage image) throws EngineException {
    String url = image.uri().toString();
    if (options.pullPolicy().asksStore()) {
      Optional<ImageRecord> stored = store.byRef(url);
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for url " + url);
        return stored.get();
      }
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("image from URL", url);
    }
    throw EngineException.of(
        ErrorCode.UNSUPPORTED,
        "fetch " + url,
        "this version does not fetch images from http and https URLs yet",
        "download the file and name its path, or use docker://");
  }

  /** A name without os or arch means this machine's. */
  private ImageRecord name(NameImage image) throws EngineException {
    if (options.pullPolicy().asksStore()) {
      Optional<ImageRecord> stored =
          store.byName(image.name(), OsArch.withHostDefaults(image.labels()));
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for image name " + image.text());
        return stored.get();
      }
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("image from image name", image.text());
    }
    String remedy =
        options.pullPolicy().asksStore()
            ? "fetch the image from a file or with docker:// first"
            : "--pull-policy=new takes it from the store if it is there";
    throw EngineException.of(
        ErrorCode.UNSUPPORTED,
        "discovery failed for \"" + image.text() + "\"",
        "this version does not discover images by name yet",
        remedy);
  }

  private static EngineException notInStore(String what, String text) {
    return EngineException.of(
        ErrorCode.NOT_FOUND,
        "fetch " + text,
        "unable to fetch "
            + what
            + " \""
            + text
            + "\": either image was not found in the store or store was disabled and fetching from remote yielded"
            + " nothing or it was disabled");
  }

  /**
   * Dependencies must be stored already, since this version fetches none. Said now, because
   * rendering would only say it when a pod is about to start.
   */
  private void checkDependencies(ImageRecord image) throws EngineException {
    Set<ImageId> seen = new HashSet<>();
    checkDependencies(image, seen);
  }

  private void checkDependencies(ImageRecord image, Set<ImageId> seen) throws EngineException {
    if (!seen.add(image.id())) {
      return;
    }
    List<Dependency> dependencies = store.manifest(image).dependencies();
    for (Dependency dependency : dependencies) {
      Optional<ImageRecord> found = lookUp(dependency);
      if (found.isEmpty()) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            "failed to get dependencies for image ID \"" + image.id() + "\"",
            "image \""
                + new ImageName(dependency.imageName(), dependency.labels())
                + "\" is not in the store,"
                + " and this version does not discover images by name yet",
            "fetch that image from a file first");
      }
      checkDependencies(found.get(), seen);
    }
  }

  private Optional<ImageRecord> lookUp(Dependency dependency) throws EngineException {
    if (dependency.imageId().isEmpty()) {
      AcIdentifier name = dependency.imageName();
      return store.byName(name, dependency.labels());
    }
    try {
      return store.get(store.resolve(dependency.imageId().get().value()));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Once per finder, and only when something is really brought in. */
  private void warnInsecure(boolean remote) {
    if (!warned) {
      warned = true;
      if (remote && options.insecure().has(InsecureOption.TLS)) {
        diagnostics.warn("warning: TLS verification has been disabled");
      }
      diagnostics.warn("warning: image signature verification has been disabled");
    }
  }
}
