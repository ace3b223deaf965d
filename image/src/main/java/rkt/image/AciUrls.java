package rkt.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.http.CacheControl;
import rkt.image.http.FileDownload;
import rkt.image.http.SignatureDownload;
import rkt.image.http.WebClient;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Urls;
import rkt.schema.oci.Platform;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.ImportOptions;
import rkt.store.PartialDownload;
import rkt.store.Reference;
import rkt.store.StoredReference;
import rkt.trust.Demand;
import rkt.trust.Subject;

/**
 * Fetches ACIs by URL: what a user typed, or what discovery found.
 *
 * <p>A file is downloaded into a partial download that only one process holds at a time, then
 * judged and imported from there. Processes that waited for it find the image in the store.
 */
final class AciUrls {
  private static final int BUFFER = 256 << 10;

  /**
   * Before the entity tag of what came while protection was switched off: it is no answer to a
   * fetch with protection. No tag of a server begins like this.
   */
  private static final String UNPROTECTED = "unprotected:";

  private final ImageStore store;
  private final FetchOptions options;
  private final Diagnostics diagnostics;
  private final AciIntake intake;
  private final WebClient web;
  private final SignatureDownload signatures;

  AciUrls(ImageStore store, FetchOptions options, AciIntake intake, WebClient web) {
    this.store = store;
    this.options = options;
    this.diagnostics = options.diagnostics();
    this.intake = intake;
    this.web = web;
    this.signatures = new SignatureDownload(web);
  }

  /**
   * What to fetch.
   *
   * @param signature where the detached signature is
   * @param localSignature takes its place
   * @param plainHttp whether the URLs may be http ones
   * @param latest whether it was asked for without a version
   * @param maxBytes refuse a larger file
   */
  record Wanted(
      URI image,
      URI signature,
      Optional<Path> localSignature,
      boolean plainHttp,
      ExpectedImage expected,
      boolean latest,
      long maxBytes) {

    static Wanted of(URI image, Optional<Path> localSignature, Optional<Platform> platform) {
      return new Wanted(
          image,
          SignatureDownload.location(image),
          localSignature,
          true,
          ExpectedImage.on(platform),
          false,
          ImportOptions.DEFAULT_MAX_BYTES);
    }
  }

  ImageRecord fetch(Wanted wanted) throws EngineException {
    String url = shown(wanted);
    String ref = UrlReferences.of(wanted.image());
    diagnostics.debug("remote fetching from URL \"" + url + "\"");
    Optional<ImageRecord> cached = cached(wanted);
    if (cached.isPresent() && isFresh(ref)) {
      diagnostics.debug("image for " + url + " isn't expired, not fetching.");
      return cached.get();
    }
    diagnostics.debug("fetching image from " + url);
    Instant asked = Instant.now();
    boolean[] waited = new boolean[1];
    try (PartialDownload partial =
        store.partial(
            ref,
            () -> {
              waited[0] = true;
              diagnostics.warn("another rkt instance is downloading this file, waiting...");
            })) {
      cached = cached(wanted);
      if (waited[0] && cached.isPresent() && isNewer(ref, asked)) {
        diagnostics.debug("using image from local store for url " + url);
        return cached.get();
      }
      return new Download(wanted, partial, cached).run();
    }
  }

  /** The image that was fetched from there, if it is as good as what a new download would be. */
  private Optional<ImageRecord> cached(Wanted wanted) throws EngineException {
    String ref = UrlReferences.of(wanted.image());
    Optional<ImageRecord> stored = store.byRef(ref);
    if (stored.isEmpty()) {
      return stored;
    }
    ImageRecord image = stored.get();
    boolean signed = image.verdict().kind() == Verdict.Kind.PGP;
    if (!signed && !web.isUnprotected(wanted.image()) && cameUnprotected(ref)) {
      return Optional.empty();
    }
    Demand demand = options.trust().demand(Subject.aci(image.name().value()));
    boolean vouchedFor = demand instanceof Demand.Nothing || signed;
    if (!vouchedFor || wanted.localSignature().isPresent()) {
      return Optional.empty();
    }
    options.trust().recheck(Subject.aci(image.name().value()), image.verdict());
    try {
      wanted.expected().check(shown(wanted), store.manifest(image), image.id());
    } catch (EngineException e) {
      // Another image may be there by now; if not, the download will be refused the same way.
      return Optional.empty();
    }
    return stored;
  }

  private boolean cameUnprotected(String ref) throws EngineException {
    Optional<StoredReference> known = store.reference(ref);
    return known.isPresent() && known.get().reference().etag().startsWith(UNPROTECTED);
  }

  private static String shown(Wanted wanted) {
    return Urls.shown(wanted.image().toString());
  }

  private boolean isFresh(String ref) throws EngineException {
    Optional<StoredReference> reference = store.reference(ref);
    return reference.isPresent() && CacheControl.isFresh(reference.get(), nanos(Instant.now()));
  }

  private boolean isNewer(String ref, Instant than) throws EngineException {
    Optional<StoredReference> reference = store.reference(ref);
    return reference.isPresent() && reference.get().timeNanos() >= nanos(than);
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  /** One download. */
  private final class Download {
    private final Wanted wanted;
    private final PartialDownload partial;
    private final Optional<ImageRecord> cached;
    private byte @Nullable [] signature;
    private boolean deferred;

    Download(Wanted wanted, PartialDownload partial, Optional<ImageRecord> cached) {
      this.wanted = wanted;
      this.partial = partial;
      this.cached = cached;
    }

    ImageRecord run() throws EngineException {
      fetchSignature();
      FileDownload.Arrival arrival = fetchFile();
      if (arrival instanceof FileDownload.Unchanged unchanged) {
        return reuse(unchanged);
      }
      FileDownload.Complete complete = (FileDownload.Complete) arrival;
      try {
        return take(complete);
      } catch (EngineException e) {
        boolean content = e.code() == ErrorCode.CORRUPT || e.code() == ErrorCode.REFUSED;
        forget(e);
        if (!complete.resumed() || !content) {
          throw e;
        }
        diagnostics.debug("what was kept of an earlier download is no good: " + e.why());
      }
      if (fetchFile() instanceof FileDownload.Complete again) {
        try {
          return take(again);
        } catch (EngineException e) {
          forget(e);
          throw e;
        }
      }
      throw EngineException.of(
          ErrorCode.NETWORK, "error downloading ACI", "the server changed its mind");
    }

    /** Before the image, so that nothing large is downloaded in vain. */
    private void fetchSignature() throws EngineException {
      if (options.insecure().has(InsecureOption.IMAGE) || !isDemanded()) {
        return;
      }
      if (wanted.localSignature().isPresent()) {
        signature = AciFiles.signature(wanted.localSignature().get());
      } else {
        Optional<byte[]> first = signatures.first(wanted.signature(), wanted.plainHttp());
        deferred = first.isEmpty();
        signature = first.orElse(null);
      }
      if (signature != null && wanted.expected().name().isPresent()) {
        checkIssuer(signature);
      }
    }

    /** Without a name the default decides: the image is not here to be asked. */
    private boolean isDemanded() throws EngineException {
      String name = wanted.expected().name().isPresent() ? name() : "";
      return !(options.trust().demand(Subject.aci(name)) instanceof Demand.Nothing);
    }

    private String name() {
      return wanted.expected().name().orElseThrow().value();
    }

    /** A stranger's signature ends it before the image is downloaded. */
    private void checkIssuer(byte[] made) throws EngineException {
      try {
        options.trust().checkIssuer(Subject.aci(name()), made);
      } catch (EngineException e) {
        intake.hintAtKeys(e, name());
        throw e;
      }
    }

    private FileDownload.Arrival fetchFile() throws EngineException {
      String etag = cached.isPresent() ? etag() : "";
      return new FileDownload(web)
          .fetch(
              new FileDownload.Wanted(
                  "error downloading ACI",
                  "ACI",
                  wanted.image(),
                  wanted.plainHttp(),
                  etag,
                  wanted.maxBytes()),
              partial);
    }

    private String etag() throws EngineException {
      return store
          .reference(ref())
          .map(known -> known.reference().etag().replace(UNPROTECTED, ""))
          .orElse("");
    }

    private ImageRecord reuse(FileDownload.Unchanged unchanged) throws EngineException {
      ImageRecord image = cached.orElseThrow();
      store.tag(reference(unchanged), image.id());
      try {
        partial.discard();
      } catch (IOException e) {
        diagnostics.debug("cannot remove an unfinished download: " + e.getMessage());
      }
      diagnostics.debug("image for " + shown(wanted) + " has not changed, using the stored one");
      return image;
    }

    private Reference reference(FileDownload.Arrival arrival) {
      String mark = web.isUnprotected(wanted.image()) ? UNPROTECTED : "";
      return new Reference(ref(), mark + arrival.etag(), arrival.maxAgeSeconds());
    }

    private String ref() {
      return UrlReferences.of(wanted.image());
    }

    private ImageRecord take(FileDownload.Complete complete) throws EngineException {
      String url = shown(wanted);
      try {
        ImageRecord record =
            intake.take(
                () -> new BufferedInputStream(partial.read(), BUFFER),
                this::signature,
                new AciIntake.Intake(
                    url, wanted.expected(), wanted.latest(), List.of(reference(complete))));
        partial.discard();
        return record;
      } catch (IOException e) {
        throw new EngineException(
            ErrorCode.SYSTEM, "import image " + url, String.valueOf(e.getMessage()), "", e);
      }
    }

    private byte[] signature() throws EngineException {
      byte[] known = signature;
      if (known == null) {
        known =
            deferred
                ? signatures.deferred(wanted.signature(), wanted.plainHttp())
                : signatures
                    .first(wanted.signature(), wanted.plainHttp())
                    .orElseGet(() -> new byte[0]);
        signature = known;
      }
      return known;
    }

    /** Bytes that were refused are not kept: the next attempt begins anew. */
    private void forget(EngineException failure) {
      boolean content =
          failure.code() == ErrorCode.CORRUPT
              || failure.code() == ErrorCode.INVALID
              || failure.code() == ErrorCode.REFUSED
              || failure.code() == ErrorCode.UNSUPPORTED;
      if (content) {
        try {
          partial.reset();
        } catch (IOException e) {
          failure.addSuppressed(e);
        }
      }
    }
  }
}
