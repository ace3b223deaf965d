package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.ImageUsage;
import rkt.store.StoredReference;

/**
 * What {@code rkt image inspect} tells of one image.
 *
 * @param layers of an OCI image, lowest first
 * @param config of an OCI image
 * @param evidence whether the signatures that were judged are kept
 */
record ImageDetails(
    ImageUsage usage,
    ImageManifest manifest,
    List<StoredReference> references,
    List<Layer> layers,
    Optional<OciConfig> config,
    boolean evidence) {

  /**
   * A layer.
   *
   * @param sharedWith how many other images have it
   */
  record Layer(Descriptor blob, Digest diffId, int sharedWith) {}

  ImageRecord image() {
    return usage.image();
  }

  /**
   * @param owners how many images have each layer
   */
  static ImageDetails of(ImageStore store, ImageUsage usage, Map<Digest, Integer> owners)
      throws EngineException {
    ImageRecord image = usage.image();
    List<Layer> layers = new ArrayList<>();
    Optional<OciConfig> config = Optional.empty();
    if (image.kind() == ImageRecord.Kind.OCI) {
      List<Descriptor> blobs = store.ociManifest(image).layers();
      for (int i = 0; i < Math.min(blobs.size(), image.diffIds().size()); i++) {
        Digest diffId = image.diffIds().get(i);
        layers.add(new Layer(blobs.get(i), diffId, owners.getOrDefault(diffId, 1) - 1));
      }
      config = Optional.of(config(store, image));
    }
    return new ImageDetails(
        usage,
        store.manifest(image),
        store.references(image.id()),
        layers,
        config,
        store.evidence(image.id()).isPresent());
  }

  private static OciConfig config(ImageStore store, ImageRecord image) throws EngineException {
    try {
      return OciConfig.parse(store.ociConfigBytes(image));
    } catch (SchemaException e) {
      throw EngineException.of("read the configuration of image " + image.id(), e);
    }
  }
}
