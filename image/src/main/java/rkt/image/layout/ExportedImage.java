package rkt.image.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.oci.AciToOci;
import rkt.image.oci.CosignManifests;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.CosignSignature;
import rkt.trust.Evidence;

/**
 * An OCI image on its way out: one of the store, byte for byte, or one that was made of an ACI.
 *
 * @param signatures cosign signatures of this very manifest that were kept with it
 * @param name what a registry would call it; empty when it has no such name, or no tag
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ExportedImage(
    byte[] manifest,
    OciManifest parsed,
    byte[] config,
    List<Digest> diffIds,
    Blobs blobs,
    List<CosignSignature> signatures,
    Optional<DockerReference> name) {
  ExportedImage {
    signatures = List.copyOf(signatures);
    diffIds = List.copyOf(diffIds);
  }

  /** Opens a layer's blob; reading it to its end verifies it. */
  interface Blobs {
    InputStream open(Descriptor layer) throws EngineException, IOException;
  }

  static ExportedImage stored(ImageStore store, ImageRecord image) throws EngineException {
    byte[] config = store.ociConfigBytes(image);
    byte[] manifest = store.ociManifestBytes(image);
    Digest digest = Digests.of(Digest.SHA256, manifest);
    List<CosignSignature> signatures = new ArrayList<>();
    Optional<byte[]> evidence = store.evidence(image.id());
    if (evidence.isPresent()) {
      for (CosignSignature one : Evidence.parse(evidence.get()).cosign()) {
        if (CosignManifests.names(one.payload(), digest)) {
          signatures.add(one);
        }
      }
    }
    return new ExportedImage(
        manifest,
        store.ociManifest(image),
        config,
        OciConfig.parse(config).rootfs().diffIds(),
        layer -> store.openBlob(layer.digest()),
        signatures,
        name(store.manifest(image)));
  }

  static ExportedImage converted(AciToOci.Converted image, ImageManifest appc) {
    return new ExportedImage(
        image.manifest(),
        image.parsed(),
        image.config(),
        List.of(image.diffId()),
        layer -> Files.newInputStream(image.layer()),
        List.of(),
        name(appc));
  }

  /** Layers of one digest are one file. */
  List<Descriptor> distinctLayers() {
    List<Descriptor> out = new ArrayList<>();
    List<Digest> seen = new ArrayList<>();
    for (Descriptor layer : parsed.layers()) {
      if (!seen.contains(layer.digest())) {
        seen.add(layer.digest());
        out.add(layer);
      }
    }
    return out;
  }

  Descriptor self(Map<String, String> annotations) {
    return new Descriptor(
        parsed.mediaType(),
        Digests.of(Digest.SHA256, manifest),
        manifest.length,
        Optional.empty(),
        annotations,
        List.of());
  }

  /**
   * The reference it was fetched by, since an appc name cannot hold a port and would name somebody
   * else's repository; else the appc name and version, if a registry could have them.
   */
  private static Optional<DockerReference> name(ImageManifest appc) {
    Optional<String> registry = appc.annotations().get("appc.io/docker/registryurl");
    Optional<String> repository = appc.annotations().get("appc.io/docker/repository");
    Optional<String> tag = appc.annotations().get("appc.io/docker/tag");
    if (registry.isPresent() && !registry.get().isEmpty() && repository.isPresent()) {
      return tag.isEmpty()
          ? Optional.empty()
          : parsed(registry.get() + "/" + repository.get() + ":" + tag.get());
    }
    Optional<String> version = appc.version();
    if (version.isEmpty()) {
      return Optional.empty();
    }
    // A name that no registry stands in is local: said so, or it would become one of Docker's own.
    String prefix = appc.name().value().indexOf('/') < 0 ? "localhost/" : "";
    return parsed(prefix + appc.name() + ":" + version.get());
  }

  private static Optional<DockerReference> parsed(String reference) {
    try {
      return Optional.of(DockerReference.parse(reference));
    } catch (SchemaException e) {
      return Optional.empty();
    }
  }
}
