package rkt.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/**
 * What is garbage, as a pure function: everything that neither an image, nor a tree in use, nor a
 * running writer names.
 */
final class Garbage {
  /** What is needed, and the first one that needs it. */
  private final Map<String, String> marked = new HashMap<>();

  private static final String UNKNOWN = "an image whose record is damaged may have it";

  private boolean unknown;

  /** As leases pin it. */
  static String blobKey(Digest digest) {
    return "blob:" + digest.hex();
  }

  static String layerKey(Digest diffId) {
    return "layer:" + Layout.layerName(diffId);
  }

  Garbage mark(List<IndexEntry> images, Set<String> pins) {
    for (IndexEntry entry : images) {
      ImageId id = entry.record().id();
      String why = "of image " + id.shortForm();
      marked.put("image:" + id.value(), why);
      for (Digest blob : entry.blobs()) {
        marked.putIfAbsent(blobKey(blob), why);
      }
      for (Digest layer : entry.record().diffIds()) {
        marked.putIfAbsent(layerKey(layer), why);
      }
      if (!entry.lowers().isEmpty()) {
        marked.putIfAbsent("tree:" + entry.treeId(), why);
      }
    }
    for (String pin : pins) {
      marked.putIfAbsent(pin, "another rkt works with it");
    }
    return this;
  }

  /** There are images of which nobody knows what they have: from now on nothing is garbage. */
  Garbage keepUnknown() {
    unknown = true;
    return this;
  }

  /**
   * @param why who stands on it
   */
  void markLayer(Digest diffId, String why) {
    marked.putIfAbsent(layerKey(diffId), why);
  }

  /** Why a thing is kept; "nothing refers to it" when it is not. */
  String why(String key) {
    String why = marked.get(key);
    if (why != null) {
      return why;
    }
    return unknown ? UNKNOWN : "nothing refers to it";
  }

  boolean keepsImage(ImageId id) {
    return keeps("image:" + id.value());
  }

  boolean keepsBlob(Digest digest) {
    return keeps(blobKey(digest));
  }

  boolean keeps(String key) {
    return unknown || marked.containsKey(key);
  }

  /** Whether a tree that stands on layers belongs to an image. */
  boolean keepsLayerTree(String treeId) {
    return keeps("tree:" + treeId);
  }
}
