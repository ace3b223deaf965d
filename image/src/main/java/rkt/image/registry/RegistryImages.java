package rkt.image.registry;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.image.OciToAppc;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.OciManifest;
import rkt.schema.oci.Platform;
import rkt.schema.oci.PlatformMatcher;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.OciCommit;
import rkt.store.OciImport;
import rkt.store.Reference;

/**
 * Pulls images from registries into the store: reference, index, manifest of this platform,
 * configuration, layers.
 *
 * <p>What the store has is not downloaded again. The image becomes visible when everything is
 * there, by the store's commit.
 */
public final class RegistryImages {
  private static final int NESTED_INDEXES = 3;

  private final ImageStore store;
  private final Platform platform;
  private final RegistryLimits limits;
  private final Diagnostics diagnostics;
  private final String userAgent;
  private final UrlRules rules;
  private final boolean anyCertificate;

  /**
   * @param platform choose images for this one
   * @param plainHttp plain HTTP may be spoken
   * @param anyCertificate TLS certificates are not verified
   */
  public RegistryImages(
      ImageStore store,
      Platform platform,
      RegistryLimits limits,
      Diagnostics diagnostics,
      String userAgent,
      boolean plainHttp,
      boolean anyCertificate) {
    this.store = store;
    this.platform = platform;
    this.limits = limits;
    this.diagnostics = diagnostics;
    this.userAgent = userAgent;
    this.rules = new UrlRules(plainHttp);
    this.anyCertificate = anyCertificate;
  }

  /**
   * Downloads, verifies and commits.
   *
   * @param shown the reference as the user wrote it, for messages
   * @param ref the name the store remembers
   */
  public ImageRecord pull(DockerReference reference, String shown, String ref)
      throws EngineException {
    String attempted = "fetch " + shown;
    try (RegistryCaller caller = caller(attempted, reference);
        OciImport oci = store.beginOci()) {
      ManifestPuller manifests = new ManifestPuller(caller, reference.repository());
      PulledManifest pulled =
          forThisPlatform(attempted, manifests, manifests.pull(attempted, reference));
      OciManifest manifest = parseManifest(attempted, pulled);
      BlobPuller blobs = new BlobPuller(caller, reference.repository());
      byte[] configBytes = config(attempted, oci, blobs, manifest.config());
      OciConfig config = parseConfig(attempted, configBytes, manifest);
      checkPlatform(attempted, config);
      ImageManifest appc =
          OciToAppc.convert(reference, config, pulled.digest(), manifest.config().digest());
      new LayerDownloads(oci, blobs, limits.parallelLayers(), diagnostics)
          .run(attempted, manifest.layers(), config.rootfs().diffIds());
      boolean latest =
          reference.digest().isEmpty() && reference.tag().orElse("latest").equals("latest");
      return oci.commit(
          new OciCommit(
              pulled.bytes(),
              configBytes,
              appc,
              List.of(Reference.of(ref)),
              latest,
              Verdict.unchecked(reference.host() + "/" + reference.repository(), 0)));
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private RegistryCaller caller(String attempted, DockerReference reference)
      throws EngineException {
    String host = reference.host();
    try {
      Transport transport = new JdkTransport(limits, anyCertificate);
      return new RegistryCaller(
          host, reference.repository(), transport, rules, limits, diagnostics, userAgent);
    } catch (IOException e) {
      throw Failures.transport(attempted, host, e);
    }
  }

  private PulledManifest forThisPlatform(
      String attempted, ManifestPuller manifests, PulledManifest first) throws EngineException {
    PulledManifest pulled = first;
    for (int depth = 0; MediaTypes.isIndex(pulled.mediaType()); depth++) {
      if (depth == NESTED_INDEXES) {
        throw EngineException.of(ErrorCode.INVALID, attempted, "its indexes are nested too deeply");
      }
      OciIndex index = OciIndex.parse(pulled.bytes());
      Optional<Descriptor> chosen = PlatformMatcher.select(index, platform);
      if (chosen.isEmpty()) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            attempted,
            "the image does not exist for "
                + name(platform)
                + "; it exists for "
                + platforms(index));
      }
      pulled = manifests.pull(attempted, chosen.get());
    }
    return pulled;
  }

  private static String platforms(OciIndex index) {
    StringBuilder out = new StringBuilder();
    for (Descriptor manifest : index.manifests()) {
      Optional<Platform> one = manifest.platform();
      // Build tools file attestations under the platform "unknown/unknown".
      if (one.isPresent() && !one.get().os().equals("unknown") && out.length() < 1000) {
        out.append(out.isEmpty() ? "" : ", ").append(name(one.get()));
      }
    }
    return out.isEmpty() ? "no platform at all" : Failures.plain(out.toString());
  }

  private static String name(Platform platform) {
    return platform.os()
        + "/"
        + platform.architecture()
        + platform.variant().map(variant -> "/" + variant).orElse("");
  }

  private static OciManifest parseManifest(String attempted, PulledManifest pulled)
      throws EngineException {
    OciManifest manifest = OciManifest.parse(pulled.bytes());
    String type = manifest.config().mediaType();
    if (!MediaTypes.isConfig(type)) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "not a container image: its configuration has media type \""
              + Failures.plain(type)
              + "\"");
    }
    for (Descriptor layer : manifest.layers()) {
      if (!MediaTypes.isLayer(layer.mediaType())) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            attempted,
            "layer "
                + layer.digest()
                + " has unknown media type \""
                + Failures.plain(layer.mediaType())
                + "\"");
      }
    }
    return manifest;
  }

  private byte[] config(String attempted, OciImport oci, BlobPuller blobs, Descriptor config)
      throws EngineException {
    if (config.size() > RegistryLimits.CONFIG_BYTES) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "its configuration claims " + config.size() + " bytes, more than any honest one");
    }
    if (!oci.hasBlob(config)) {
      try (BlobStream in = blobs.open(attempted, config, count -> {})) {
        try {
          oci.writeBlob(config, in);
        } catch (EngineException e) {
          throw in.headline(e);
        }
      }
    }
    return oci.readBlob(config);
  }

  private static OciConfig parseConfig(String attempted, byte[] bytes, OciManifest manifest)
      throws EngineException {
    OciConfig config = OciConfig.parse(bytes);
    List<Digest> diffIds = config.rootfs().diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "the manifest has "
              + manifest.layers().size()
              + " layers, the configuration "
              + diffIds.size());
    }
    return config;
  }

  /** An image without an index says only in its configuration what it is for. */
  private void checkPlatform(String attempted, OciConfig config) throws EngineException {
    boolean os = config.os().isEmpty() || config.os().equals(platform.os());
    boolean architecture =
        config.architecture().isEmpty() || config.architecture().equals(platform.architecture());
    if (!os || !architecture) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "the image does not exist for "
              + name(platform)
              + "; it exists for "
              + Failures.plain(config.os() + "/" + config.architecture()));
    }
  }
}
