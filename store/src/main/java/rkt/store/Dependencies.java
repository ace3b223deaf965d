package rkt.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;

/**
 * The flattened dependency list of an ACI, highest priority first: each image's dependencies are
 * inserted right behind it one after another, so later ones stand before earlier ones. {@code A ->
 * [B, C], C -> [D]} gives A, C, D, B.
 */
final class Dependencies {
  /** Diamonds repeat images, so a small store could name an endless list. */
  private static final int MAX_IMAGES = 1000;

  /** One image of the list and who asked for it. */
  record Node(ImageRecord image, ImageManifest manifest, @Nullable Node parent) {
    /** The path whitelist of the nearest image above on this branch that has one. */
    List<String> upperWhitelist() {
      for (Node up = parent; up != null; up = up.parent) {
        if (!up.manifest.pathWhitelist().isEmpty()) {
          return up.manifest.pathWhitelist();
        }
      }
      return List.of();
    }

    boolean hasAncestor(ImageId id) {
      for (Node up = this; up != null; up = up.parent) {
        if (up.image.id().equals(id)) {
          return true;
        }
      }
      return false;
    }
  }

  private final ImageStore store;

  Dependencies(ImageStore store) {
    this.store = store;
  }

  List<Node> flatten(ImageRecord image) throws EngineException, IOException {
    List<Node> list = new ArrayList<>();
    list.add(new Node(image, store.manifest(image), null));
    for (int i = 0; i < list.size(); i++) {
      Node node = list.get(i);
      for (Dependency dependency : node.manifest().dependencies()) {
        ImageRecord found = find(image, dependency);
        if (node.hasAncestor(found.id())) {
          throw EngineException.of(
              ErrorCode.INVALID,
              "render image " + image.id(),
              "its dependencies go in a circle at " + dependency.imageName());
        }
        list.add(i + 1, new Node(found, store.manifest(found), node));
        if (list.size() > MAX_IMAGES) {
          throw EngineException.of(
              ErrorCode.REFUSED,
              "render image " + image.id(),
              "it has more than " + MAX_IMAGES + " dependencies");
        }
      }
    }
    return list;
  }

  private ImageRecord find(ImageRecord image, Dependency dependency) throws EngineException {
    Optional<ImageRecord> found = store.dependency(dependency);
    if (found.isEmpty() || found.get().kind() != ImageRecord.Kind.ACI) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          "render image " + image.id(),
          "its dependency " + described(dependency) + " is not in the store",
          "\"rkt fetch\" it first");
    }
    return found.get();
  }

  private static String described(Dependency dependency) {
    StringBuilder text = new StringBuilder(dependency.imageName().value());
    if (dependency.imageId().isPresent()) {
      text.append(" (").append(dependency.imageId().get()).append(')');
    }
    for (Label label : dependency.labels()) {
      text.append(',').append(label);
    }
    return text.toString();
  }
}
