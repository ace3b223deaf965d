package rkt.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/**
 * What is garbage, as a pure function: everything that neither an image, nor a tree in use, nor a
 * running writer names.
 */
final class Garbage {
  private final Set<String> marked = new HashSet<>();

  /** As leases pin it. */
  static String blobKey(Digest digest) {
    return "blob:" + digest.hex();
  }

  static String layerKey(Digest diffId) {
    return "layer:" + Layout.layerName(diffId);
  }

  Garbage mark(List<IndexEntry> images, Set<String> pins) {
    marked.addAll(pins);
    for (IndexEntry entry : images) {
      marked.add("image:" + entry.record().id().value());
      for (Digest blob : entry.blobs()) {
        marked.add(blobKey(blob));
      }
      for (Digest layer : entry.record().diffIds()) {
        marked.add(layerKey(layer));
      }
      if (!entry.lowers().isEmpty()) {
        marked.add("tree:" + entry.treeId());
      }
    }
    return this;
  }

  void markLayer(Digest diffId) {
    marked.add(layerKey(diffId));
  }

  boolean keepsImage(ImageId id) {
    return marked.contains("image:" + id.value());
  }

  boolean keepsImageFile(String name) {
    return marked.contains("image:" + name);
  }

  boolean keepsBlob(Digest digest) {
    return marked.contains(blobKey(digest));
  }

  boolean keepsBlobFile(String hex) {
    return marked.contains("blob:" + hex);
  }

  boolean keepsLayer(String name) {
    return marked.contains("layer:" + name);
  }

  /** Whether a tree that stands on layers belongs to an image. */
  boolean keepsLayerTree(String treeId) {
    return marked.contains("tree:" + treeId);
  }
}
