package rkt.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOption;
import rkt.image.ParallelWork;
import rkt.image.Transfer;
import rkt.image.oci.AciToOci;
import rkt.image.oci.Digests;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.OciManifest;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.Scratch;

/**
 * Pushes stored images to registries: blobs first, what is there already is not sent again, the
 * manifest last. An OCI image arrives byte for byte as it came, so its digest and its signatures
 * stay good; an ACI becomes an OCI image of one layer.
 */
public final class ImagePusher {
  private final ImageStore store;
  private final Kernel kernel;
  private final FetchOptions options;
  private final Diagnostics diagnostics;

  public ImagePusher(ImageStore store, Kernel kernel, FetchOptions options) {
    this.store = store;
    this.kernel = kernel;
    this.options = options;
    this.diagnostics = options.diagnostics();
  }

  /** A manifest, and where each blob it names is read from. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Outgoing(
      byte[] manifest, OciManifest parsed, Map<Descriptor, Transport.Content> blobs) {}

  /**
   * Pushes.
   *
   * @param target by tag, or by the digest that the image has
   * @param signatures also push the cosign signatures that were kept with the image
   * @return the digest under which the image can be pulled
   */
  public Digest push(ImageRecord image, DockerReference target, boolean signatures)
      throws EngineException {
    String attempted = "push " + image.id() + " to docker://" + target.familiar();
    Place place = Place.of(target);
    Place.of(attempted, options.registries(), place);
    try (Scratch scratch = store.scratch();
        Wire wire = wire(place)) {
      Outgoing outgoing = outgoing(image, scratch);
      Digest digest = Digests.of(Digest.SHA256, outgoing.manifest());
      if (target.digest().isPresent() && !target.digest().get().equals(digest)) {
        throw EngineException.of(
            ErrorCode.INVALID, attempted, "the image's digest is " + digest, "give a tag instead");
      }
      RegistryCaller caller = new RegistryCaller(place, wire);
      blobs(attempted, caller, outgoing, mountable(image, place));
      ManifestPusher manifests = new ManifestPusher(caller);
      String tag = target.digest().isPresent() ? digest.toString() : target.tag().orElse("latest");
      manifests.push(attempted, tag, outgoing.parsed().mediaType(), outgoing.manifest());
      if (signatures) {
        Optional<byte[]> evidence = store.evidence(image.id());
        int pushed =
            evidence.isEmpty()
                ? 0
                : new SignaturePusher(caller, diagnostics).push(attempted, digest, evidence.get());
        if (pushed == 0) {
          diagnostics.warn("warning: no signature of " + digest + " was kept with the image");
        }
      }
      return digest;
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private Wire wire(Place place) {
    HostRules hosts =
        new HostRules(
            options.insecure().has(InsecureOption.HTTP),
            options.insecure().has(InsecureOption.TLS),
            options.registries(),
            List.of(place));
    return Wire.of(
        hosts, options.limits(), diagnostics, options.userAgent(), options.credentials());
  }

  private Outgoing outgoing(ImageRecord image, Scratch scratch) throws EngineException {
    Map<Descriptor, Transport.Content> blobs = new LinkedHashMap<>();
    if (image.kind() == ImageRecord.Kind.ACI) {
      AciToOci.Converted converted = new AciToOci(store, kernel).convert(image, scratch.path());
      for (String part : converted.lost()) {
        diagnostics.warn("warning: the image's " + part + " have no place in an OCI image");
      }
      for (Descriptor layer : converted.parsed().layers()) {
        blobs.put(layer, content(layer, () -> Files.newInputStream(converted.layer())));
      }
      blobs.put(converted.parsed().config(), Transport.Content.of(converted.config()));
      return new Outgoing(converted.manifest(), converted.parsed(), blobs);
    }
    OciManifest manifest = store.ociManifest(image);
    for (Descriptor layer : manifest.layers()) {
      blobs.put(layer, content(layer, () -> stored(layer)));
    }
    blobs.put(manifest.config(), Transport.Content.of(store.ociConfigBytes(image)));
    return new Outgoing(store.ociManifestBytes(image), manifest, blobs);
  }

  private InputStream stored(Descriptor layer) throws IOException {
    try {
      return store.openBlob(layer.digest());
    } catch (EngineException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Opens a file. */
  private interface Opening {
    InputStream open() throws IOException;
  }

  private static Transport.Content content(Descriptor blob, Opening opening) {
    return new Transport.Content() {
      @Override
      public long length() {
        return blob.size();
      }

      @Override
      public InputStream open() throws IOException {
        return opening.open();
      }
    };
  }

  /** A repository of the same registry that has this image, so that blobs need not travel. */
  private Optional<String> mountable(ImageRecord image, Place place) {
    String subject = image.verdict().subject();
    String prefix = place.host() + "/";
    if (image.kind() == ImageRecord.Kind.OCI && subject.startsWith(prefix)) {
      String repository = subject.substring(prefix.length());
      return repository.equals(place.repository()) ? Optional.empty() : Optional.of(repository);
    }
    return Optional.empty();
  }

  private void blobs(
      String attempted, RegistryCaller caller, Outgoing outgoing, Optional<String> mountFrom)
      throws EngineException {
    BlobPusher pusher = new BlobPusher(caller, diagnostics, mountFrom);
    ParallelWork work = new ParallelWork(attempted, options.limits().parallelLayers());
    List<ParallelWork.Piece> pieces = new ArrayList<>();
    for (Map.Entry<Descriptor, Transport.Content> blob : outgoing.blobs().entrySet()) {
      Descriptor descriptor = blob.getKey();
      String what = descriptor.equals(outgoing.parsed().config()) ? "config " : "layer ";
      pieces.add(() -> {
        String shown = "upload of " + what + descriptor.digest().toString().substring(0, 19);
        try (Transfer transfer = diagnostics.transfer(shown, descriptor.size())) {
          String outcome = pusher.push(attempted, descriptor, blob.getValue(), transfer::advance);
          transfer.done(outcome);
        }
      });
    }
    work.run(pieces);
  }
}
