package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;

/** What images are unpacked to, by their records. */
final class ImageTrees {
  private final Layout layout;
  private final Index index;
  private final Rootfs rootfs;

  ImageTrees(Layout layout, Index index, Rootfs rootfs) {
    this.layout = layout;
    this.index = index;
    this.rootfs = rootfs;
  }

  RootfsLayers prepare(ImageRecord image) throws EngineException {
    String attempted = "prepare the root file system of image " + image.id();
    try {
      return rootfs.layers(index.entry(attempted, image.id()));
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  void copy(ImageRecord image, Path emptyTarget) throws EngineException {
    String attempted = "copy the root file system of image " + image.id();
    try {
      rootfs.copy(index.entry(attempted, image.id()), emptyTarget);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  /** With the image's blobs. */
  long size(ImageRecord image) throws EngineException {
    try {
      Optional<IndexEntry> entry = index.get(image.id());
      if (entry.isEmpty()) {
        return image.size();
      }
      long tree = entry.get().unpackedSize();
      if (image.kind() == ImageRecord.Kind.ACI) {
        String treeId = rootfs.treeId(entry.get());
        tree = treeId.isEmpty() ? 0 : new TreeStore(layout).size(treeId);
      }
      return image.size() + tree;
    } catch (IOException e) {
      throw StoreFailures.of("measure image " + image.id(), e);
    }
  }
}
