package rkt.image;

import java.nio.file.Path;
import java.util.Optional;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.FileImage;
import rkt.image.ImageString.HashImage;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageString.NameImage;
import rkt.image.ImageString.UrlImage;
import rkt.image.http.WebClient;
import rkt.image.layout.LayoutImages;
import rkt.image.registry.RegistryImages;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.Urls;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageName;
import rkt.schema.appc.Labels;
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
  private final ImageStore store;
  private final FetchOptions options;
  private final Diagnostics diagnostics;
  private boolean warned;

  public ImageFinder(ImageStore store, FetchOptions options) {
    this.store = store;
    this.options = options;
    this.diagnostics = options.diagnostics();
  }

  /** As {@link #find(ImageString, Optional)}, with the signature where it usually is. */
  public ImageRecord find(ImageString image) throws EngineException {
    return find(image, Optional.empty());
  }

  /**
   * Finds or fetches one image and, for a fetched ACI, all it depends on.
   *
   * @param signature a local file with the detached signature of an ACI
   * @throws EngineException NOT_FOUND, AMBIGUOUS, REFUSED when it could not be verified and no
   *     insecure option allows that, and whatever goes wrong on the way
   */
  public ImageRecord find(ImageString image, Optional<Path> signature) throws EngineException {
    // Not a pattern switch: its first use costs ten milliseconds (docs/adr/0001).
    if (image instanceof FileImage file) {
      return file(file, signature);
    }
    if (image instanceof NameImage name) {
      return name(name, signature);
    }
    if (image instanceof UrlImage url) {
      return url(url, signature);
    }
    if (signature.isPresent()) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "find image " + image.text(),
          "--signature is for ACIs that are read from a file or fetched");
    }
    if (image instanceof HashImage hash) {
      return hash(hash);
    }
    return image instanceof DockerImage docker ? docker(docker) : layout((LayoutImage) image);
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
    return stillTrusted(image, found.get());
  }

  /**
   * A policy may have become stricter since the image was let in, and the image may have come by
   * another name than the one it is asked for now.
   */
  private ImageRecord stillTrusted(ImageString asked, ImageRecord image) throws EngineException {
    if (options.trust().rechecks()) {
      new StoredTrust(store, options.trust()).check(asked, image);
    }
    return image;
  }

  /** A local file is imported under every policy: it may have changed since. */
  private ImageRecord file(FileImage image, Optional<Path> signature) throws EngineException {
    warnInsecure(false);
    diagnostics.debug("using image from file " + image.path());
    ImageRecord record =
        new AciFiles(new AciIntake(store, options, true))
            .take(image.path(), signature, options.platform());
    fetchDependencies(record);
    return record;
  }

  private ImageRecord docker(DockerImage image) throws EngineException {
    String ref = RegistryImages.ref(image.reference(), options.platform());
    String shown = shown(image);
    if (options.pullPolicy().asksStore()) {
      Optional<ImageRecord> stored = store.byRef(ref);
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for url " + shown);
        return stillTrusted(image, stored.get());
      }
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("docker image from URL", shown);
    }
    diagnostics.debug("remote fetching from URL \"" + shown + "\"");
    if (options.insecure().has(InsecureOption.IMAGE)) {
      warnInsecure(true);
    }
    diagnostics.debug("fetching image from " + shown);
    return new RegistryImages(store, options).pull(image.reference(), shown, ref);
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

  private ImageRecord url(UrlImage image, Optional<Path> signature) throws EngineException {
    String url = Urls.shown(image.uri().toString());
    if (options.pullPolicy().asksStore()) {
      Optional<ImageRecord> stored = store.byRef(UrlReferences.of(image.uri()));
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for url " + url);
        if (options.platform().isPresent()) {
          ExpectedImage.on(options.platform())
              .check(url, store.manifest(stored.get()), stored.get().id());
        }
        return stillTrusted(image, stored.get());
      }
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("image from URL", url);
    }
    warnInsecure(true);
    ImageRecord record;
    try (WebClient web = new WebClient(options)) {
      record = urls(web, true).fetch(AciUrls.Wanted.of(image.uri(), signature, options.platform()));
    }
    fetchDependencies(record);
    return record;
  }

  private AciUrls urls(WebClient web, boolean rendering) {
    return new AciUrls(store, options, new AciIntake(store, options, rendering), web);
  }

  /** A name without os or arch means this machine's, or those of {@code --platform}. */
  private ImageRecord name(NameImage image, Optional<Path> signature) throws EngineException {
    Labels labels = wantedLabels(image);
    Optional<ImageRecord> stored =
        options.pullPolicy().asksStore() ? stored(image, labels) : Optional.empty();
    if (stored.isPresent()) {
      diagnostics.debug("using image from local store for image name " + image.text());
      return stored.get();
    }
    if (!options.pullPolicy().asksRemote()) {
      throw notInStore("image from image name", image.text());
    }
    ImageRecord record =
        discovered(
            new AciNames.Wanted(
                image.text(),
                image.name(),
                new ExpectedImage(Optional.of(image.name()), labels, Optional.empty()),
                signature,
                ImportOptions.DEFAULT_MAX_BYTES),
            true);
    fetchDependencies(record);
    return record;
  }

  private Labels wantedLabels(NameImage image) throws EngineException {
    if (options.platform().isEmpty()) {
      return OsArch.withHostDefaults(image.labels());
    }
    Platform platform = options.platform().get();
    if (!ExpectedImage.mayBeFor(platform, image.labels())) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "find image " + image.text(),
          "its labels contradict --platform=" + platform,
          "say it once: by labels or by --platform");
    }
    String go = platform.architecture();
    String arch = OsArch.fromGo(go, platform.variant().orElse("")).orElse(go);
    return OsArch.withDefaults(image.labels(), platform.os(), arch);
  }

  private Optional<ImageRecord> stored(NameImage image, Labels labels) throws EngineException {
    Optional<ImageRecord> local = LocalNames.find(store, image);
    if (local.isPresent() && options.platform().isPresent()) {
      ExpectedImage.on(options.platform())
          .check(image.text(), store.manifest(local.get()), local.get().id());
    }
    if (!options.trust().rechecks()) {
      return local.isPresent() ? local : store.byName(image.name(), labels);
    }
    StoredTrust trust = new StoredTrust(store, options.trust());
    if (local.isPresent()) {
      trust.byAlias(local.get(), image.name());
      return local;
    }
    return trust.choose(image.name(), labels);
  }

  private ImageRecord discovered(AciNames.Wanted wanted, boolean rendering) throws EngineException {
    warnInsecure(true);
    try (WebClient web = new WebClient(options)) {
      return new AciNames(options, urls(web, rendering), web).fetch(wanted);
    }
  }

  private void fetchDependencies(ImageRecord image) throws EngineException {
    new AciDependencies(store, this::dependency).complete(image);
    if (options.trust().rechecks()) {
      // What was fetched just now need not be what is rendered: another image may be preferred.
      new StoredTrust(store, options.trust()).dependencies(image);
    }
  }

  /** Unlike an image that was asked for, it is looked up with its own labels alone. */
  private ImageRecord dependency(Dependency dependency, ImageName shown) throws EngineException {
    PullPolicy policy = options.pullPolicy();
    if (policy.asksStore() || dependency.imageId().isPresent()) {
      Optional<ImageRecord> stored = store.dependency(dependency);
      if (stored.isPresent()) {
        diagnostics.debug("using image from local store for image name " + shown);
        if (options.trust().rechecks()) {
          new StoredTrust(store, options.trust()).byId(stored.get());
        }
        return stored.get();
      }
    }
    if (!policy.asksRemote()) {
      throw notInStore("image from image name", shown.toString());
    }
    return discovered(
        new AciNames.Wanted(
            shown.toString(),
            dependency.imageName(),
            new ExpectedImage(
                Optional.of(dependency.imageName()), dependency.labels(), dependency.imageId()),
            Optional.empty(),
            dependency.size() > 0 ? dependency.size() : ImportOptions.DEFAULT_MAX_BYTES),
        false);
  }

  private static EngineException notInStore(String what, String text) {
    return EngineException.of(
        ErrorCode.NOT_FOUND,
        "fetch " + text,
        "unable to fetch "
            + what
            + " \""
            + text
            + "\": either image was not found in the store or store was disabled and fetching from"
            + " remote yielded nothing or it was disabled");
  }

  /** Once per finder, and only when something is really brought in. */
  private void warnInsecure(boolean remote) {
    if (warned) {
      return;
    }
    warned = true;
    if (remote && options.insecure().has(InsecureOption.TLS)) {
      diagnostics.warn("warning: TLS verification has been disabled");
    }
    if (options.insecure().has(InsecureOption.IMAGE)) {
      diagnostics.warn("warning: image signature verification has been disabled");
    }
  }
}
