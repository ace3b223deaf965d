package rkt.image.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOption;
import rkt.image.OciToAppc;
import rkt.image.Platforms;
import rkt.image.StoredTrust;
import rkt.image.TriedPlaces;
import rkt.image.oci.ManifestRules;
import rkt.schema.EngineException;
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
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.OciCommit;
import rkt.store.OciImport;
import rkt.store.PullLock;
import rkt.store.Reference;
import rkt.trust.Demand;
import rkt.trust.Subject;

/**
 * Pulls images from registries into the store: reference, index, manifest of this platform,
 * configuration, layers.
 *
 * <p>What the store has is not downloaded again. The image becomes visible when everything is
 * there, by the store's commit.
 */
public final class RegistryImages {
  private final ImageStore store;
  private final FetchOptions options;
  private final Platform platform;
  private final Diagnostics diagnostics;

  public RegistryImages(ImageStore store, FetchOptions options) {
    this.store = store;
    this.options = options;
    this.platform = options.platform().orElseGet(Platforms::host);
    this.diagnostics = options.diagnostics();
  }

  /**
   * The name the store remembers an image by. One that was asked for by a platform other than this
   * machine's has a name of its own, so that {@code run} does not take it for the usual one.
   */
  public static String ref(DockerReference reference, Optional<Platform> wanted) {
    String ref = "docker://" + reference.canonical();
    boolean foreign = wanted.isPresent() && !Platforms.isHost(wanted.get());
    return foreign ? ref + "?platform=" + wanted.get() : ref;
  }

  /** What keys and rules of trust know a repository as. */
  static Subject subject(DockerReference reference) {
    return Subject.oci(reference.host() + "/" + reference.repository());
  }

  /**
   * Downloads, verifies, judges and commits.
   *
   * @param shown the reference as the user wrote it, for messages
   * @param ref the name the store remembers
   */
  public ImageRecord pull(DockerReference reference, String shown, String ref)
      throws EngineException {
    return pull(reference, shown, ref, Optional.empty()).orElseThrow();
  }

  /**
   * Pulls an image that is in the store again, to replace what is missing of it.
   *
   * @param manifest its digest: what the reference stands for by now may be another image
   */
  public ImageRecord pullAgain(DockerReference reference, String ref, Digest manifest)
      throws EngineException {
    String shown = "docker://" + reference.familiar();
    Optional<ImageRecord> same = pull(reference, shown, ref, Optional.of(manifest));
    if (same.isPresent()) {
      return same.get();
    }
    DockerReference pinned =
        new DockerReference(
            reference.host(), reference.repository(), reference.tag(), Optional.of(manifest));
    return pull(pinned, shown, "docker://" + pinned.canonical());
  }

  /** Empty when the reference stands for another manifest than {@code only}. */
  private Optional<ImageRecord> pull(
      DockerReference reference, String shown, String ref, Optional<Digest> only)
      throws EngineException {
    String attempted = "fetch " + shown;
    // Before anything is asked of the network: a policy may rule the image out by its name.
    Demand demand = options.trust().demand(subject(reference));
    List<Place> places = Place.of(attempted, options.registries(), Place.of(reference));
    try (Wire wire = wire(places)) {
      List<RegistryCaller> callers = new ArrayList<>();
      for (Place place : places) {
        callers.add(new RegistryCaller(place, wire));
      }
      Found found = find(attempted, callers, reference);
      if (only.isPresent() && !found.manifest().digest().equals(only.get())) {
        return Optional.empty();
      }
      SignatureJudge judge = new SignatureJudge(options.trust(), diagnostics);
      SignatureJudge.Outcome outcome =
          judge.judge(attempted, subject(reference), demand, callers, found.digests());
      ImageRecord record = store(attempted, reference, ref, found, outcome.verdict());
      if (outcome.evidence().isPresent()) {
        StoredTrust.keep(store, record.id(), outcome.evidence().get());
      }
      return Optional.of(record);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private Wire wire(List<Place> places) {
    HostRules hosts =
        new HostRules(
            options.insecure().has(InsecureOption.HTTP),
            options.insecure().has(InsecureOption.TLS),
            options.registries(),
            places);
    return Wire.of(
        hosts, options.limits(), diagnostics, options.userAgent(), options.credentials());
  }

  /**
   * The manifest for the platform, and where it was.
   *
   * @param digests what a signature may name: of the manifest, and of the indexes that led to it
   * @param callers the place that had it, and those after it
   */
  private record Found(
      PulledManifest manifest, List<Digest> digests, List<RegistryCaller> callers) {}

  /** Asks one place after the other; the registry itself is the last one. */
  private Found find(String attempted, List<RegistryCaller> callers, DockerReference reference)
      throws EngineException {
    TriedPlaces tried = new TriedPlaces();
    for (int i = 0; ; i++) {
      ManifestPuller manifests = new ManifestPuller(callers.get(i));
      try {
        List<Digest> digests = new ArrayList<>();
        PulledManifest first = manifests.pull(attempted, reference);
        digests.add(first.digest());
        PulledManifest manifest = forThisPlatform(attempted, manifests, first, digests);
        return new Found(manifest, digests, callers.subList(i, callers.size()));
      } catch (EngineException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        tried.failed(callers.get(i).host(), e);
        if (i == callers.size() - 1) {
          throw tried.failure();
        }
        diagnostics.debug("mirror " + callers.get(i).host() + ": " + e.getMessage());
      }
    }
  }

  /** Of several processes that fetch the same image one does the work; the others then find it. */
  private ImageRecord store(
      String attempted, DockerReference reference, String ref, Found found, Verdict verdict)
      throws EngineException {
    PulledManifest pulled = found.manifest();
    ManifestRules rules = new ManifestRules(attempted, platform);
    OciManifest manifest = rules.manifest(pulled.bytes());
    try (PullLock lock = store.pullLock("oci-" + pulled.digest(), this::waiting);
        OciImport oci = store.beginOci()) {
      BlobPuller blobs = new BlobPuller(found.callers(), diagnostics);
      byte[] configBytes = config(attempted, oci, blobs, manifest.config());
      OciConfig config = rules.config(configBytes, manifest.layers().size());
      ImageManifest appc =
          OciToAppc.convert(reference, config, pulled.digest(), manifest.config().digest());
      new LayerDownloads(oci, blobs, parallel(reference), diagnostics)
          .run(attempted, manifest.layers(), config.rootfs().diffIds());
      boolean latest =
          reference.digest().isEmpty() && reference.tag().orElse("latest").equals("latest");
      return oci.commit(
          new OciCommit(
              pulled.bytes(), configBytes, appc, List.of(Reference.of(ref)), latest, verdict));
    }
  }

  private void waiting() {
    diagnostics.warn("another rkt instance is downloading this image, waiting...");
  }

  private int parallel(DockerReference reference) {
    return options
        .registries()
        .of(reference.host(), reference.repository())
        .parallel()
        .orElse(options.limits().parallelLayers());
  }

  private PulledManifest forThisPlatform(
      String attempted, ManifestPuller manifests, PulledManifest first, List<Digest> digests)
      throws EngineException {
    ManifestRules rules = new ManifestRules(attempted, platform);
    PulledManifest pulled = first;
    for (int depth = 0; MediaTypes.isIndex(pulled.mediaType()); depth++) {
      rules.checkDepth(depth);
      pulled = manifests.pull(attempted, rules.choose(OciIndex.parse(pulled.bytes())));
      digests.add(pulled.digest());
    }
    return pulled;
  }

  private byte[] config(String attempted, OciImport oci, BlobPuller blobs, Descriptor config)
      throws EngineException {
    if (!oci.hasBlob(config)) {
      BlobPuller.store(
          blobs, attempted, config, count -> {}, source -> oci.writeBlob(config, source));
    }
    return oci.readBlob(config);
  }
}
