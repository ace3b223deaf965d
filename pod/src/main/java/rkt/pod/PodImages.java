package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;
import rkt.image.StoredTrust;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.RootfsLayers;
import rkt.trust.Trust;

/** What preparing a pod asks of the image store, and nothing more. */
interface PodImages {
  /** The image with this ID, full or shortened. */
  Optional<ImageRecord> stored(String id) throws EngineException;

  /** Marks it as used now. */
  void touch(ImageRecord image) throws EngineException;

  ImageManifest manifest(ImageRecord image) throws EngineException;

  byte[] manifestBytes(ImageRecord image) throws EngineException;

  /** The image's layers, unpacked and ready to be mounted. */
  RootfsLayers layers(ImageRecord image) throws EngineException;

  /** A full copy of the image's root in an empty directory. */
  void copy(ImageRecord image, Path target) throws EngineException;

  /**
   * The images of a store.
   *
   * @param trust judges again those that are named by their ID, in a pod manifest; the others were
   *     judged when they were found
   */
  static PodImages of(ImageStore store, Trust trust) {
    return new PodImages() {
      @Override
      public Optional<ImageRecord> stored(String id) throws EngineException {
        ImageId full = store.resolve(id);
        Optional<ImageRecord> image = store.get(full);
        if (image.isPresent() && trust.rechecks()) {
          new StoredTrust(store, trust).byId(image.get());
        }
        return image;
      }

      @Override
      public void touch(ImageRecord image) throws EngineException {
        store.touch(image);
      }

      @Override
      public ImageManifest manifest(ImageRecord image) throws EngineException {
        return store.manifest(image);
      }

      @Override
      public byte[] manifestBytes(ImageRecord image) throws EngineException {
        return store.manifestBytes(image);
      }

      @Override
      public RootfsLayers layers(ImageRecord image) throws EngineException {
        return store.rootfs(image, false);
      }

      @Override
      public void copy(ImageRecord image, Path target) throws EngineException {
        store.copyRootfs(image, target);
      }
    };
  }
}
