package rkt.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;

/** Finding images by a short ID or a name, however many there are. */
final class ImageLookup {
  private static final int KEY_PREFIX = "sha512-".length();
  private static final int MIN_KEY = KEY_PREFIX + 2;
  private static final int MAX_KEY = KEY_PREFIX + 64;

  /** More records than this are read faster from the catalog. */
  private static final int FEW = 200;

  private final Index index;
  private final NameIndex names;
  private final Catalog catalog;

  ImageLookup(Layout layout, Index index) {
    this.index = index;
    this.names = new NameIndex(layout, index);
    this.catalog = new Catalog(layout, index);
  }

  Optional<ImageRecord> get(ImageId full) throws EngineException {
    try {
      Optional<IndexEntry> entry = index.get(full);
      return entry.isEmpty() ? Optional.empty() : Optional.of(entry.get().record());
    } catch (IOException e) {
      throw StoreFailures.of("look up image " + full, e);
    }
  }

  /** See {@link ImageStore#dependency}. */
  Optional<ImageRecord> dependency(Dependency dependency) throws EngineException {
    if (dependency.imageId().isEmpty()) {
      return aciByName(dependency.imageName(), dependency.labels());
    }
    try {
      return get(resolve(dependency.imageId().get().value()));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  ImageId resolve(String idOrPrefix) throws EngineException {
    String attempted = "find image " + idOrPrefix;
    if (!idOrPrefix.startsWith("sha512-") && !idOrPrefix.startsWith("sha256-")) {
      throw EngineException.of(ErrorCode.INVALID, attempted, "wrong key prefix");
    }
    if (idOrPrefix.length() < MIN_KEY) {
      throw EngineException.of(ErrorCode.INVALID, attempted, "image ID too short");
    }
    String key = idOrPrefix.substring(0, Math.min(idOrPrefix.length(), MAX_KEY));
    List<ImageId> found;
    try {
      found = index.ids(key);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
    if (found.isEmpty()) {
      throw EngineException.of(ErrorCode.NOT_FOUND, attempted, "no image IDs found");
    }
    if (found.size() > 1) {
      throw EngineException.of(
          ErrorCode.AMBIGUOUS, attempted, "ambiguous image ID: \"" + key + "\"");
    }
    return found.get(0);
  }

  Optional<ImageRecord> byName(AcIdentifier name, Labels labels) throws EngineException {
    return best(allByName(name), labels);
  }

  /** All that would do, the best first. */
  List<ImageRecord> byPreference(AcIdentifier name, Labels labels) throws EngineException {
    List<ImageRecord> images = allByName(name);
    images.removeIf(image -> !image.labels().includes(labels));
    boolean anyVersion = labels.get(Label.VERSION).isEmpty();
    images.sort((a, b) -> beats(a, b, anyVersion) ? -1 : beats(b, a, anyVersion) ? 1 : 0);
    return images;
  }

  Optional<ImageRecord> aciByName(AcIdentifier name, Labels labels) throws EngineException {
    List<ImageRecord> images = allByName(name);
    images.removeIf(image -> image.kind() != ImageRecord.Kind.ACI);
    return best(images, labels);
  }

  private static Optional<ImageRecord> best(List<ImageRecord> images, Labels labels) {
    boolean anyVersion = labels.get(Label.VERSION).isEmpty();
    ImageRecord best = null;
    for (ImageRecord image : images) {
      if (image.labels().includes(labels) && (best == null || beats(image, best, anyVersion))) {
        best = image;
      }
    }
    return Optional.ofNullable(best);
  }

  private static boolean beats(ImageRecord a, ImageRecord b, boolean latestFirst) {
    if (latestFirst && a.latest() != b.latest()) {
      return a.latest();
    }
    return a.importTimeNanos() > b.importTimeNanos();
  }

  List<ImageRecord> allByName(AcIdentifier name) throws EngineException {
    List<ImageRecord> found = new ArrayList<>();
    try {
      Optional<List<ImageId>> candidates = names.candidates(name);
      if (candidates.isPresent() && candidates.get().size() <= FEW) {
        for (ImageId id : candidates.get()) {
          Optional<IndexEntry> entry = index.get(id);
          if (entry.isPresent()) {
            found.add(entry.get().record());
          }
        }
      } else {
        found.addAll(list());
      }
    } catch (IOException e) {
      throw StoreFailures.of("look up " + name, e);
    }
    // The record has the last word: an OCI image may have changed its name since.
    found.removeIf(image -> !image.name().equals(name));
    return found;
  }

  List<ImageRecord> list() throws EngineException {
    try {
      List<ImageRecord> images = new ArrayList<>();
      for (CatalogRow row : catalog.rows(damaged -> {})) {
        images.add(row.record());
      }
      return images;
    } catch (IOException e) {
      throw StoreFailures.of("list images", e);
    }
  }
}
