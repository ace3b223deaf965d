package rkt.image;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageName;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/**
 * Brings in what an ACI is layered on, level by level, under the same pull policy. A dependency is
 * asked for with exactly the labels its manifest gives: this machine's os and arch only help to
 * find a place to download from, so an image for any architecture serves as well.
 */
final class AciDependencies {
  /** Diamonds repeat images; a hostile tree could name an endless list. */
  private static final int MAX_IMAGES = 1000;

  private final ImageStore store;
  private final Fetcher fetcher;

  /** Finds or fetches one dependency. */
  @FunctionalInterface
  interface Fetcher {
    ImageRecord fetch(Dependency dependency, ImageName shown) throws EngineException;
  }

  AciDependencies(ImageStore store, Fetcher fetcher) {
    this.store = store;
    this.fetcher = fetcher;
  }

  void complete(ImageRecord top) throws EngineException {
    Queue<ImageRecord> open = new ArrayDeque<>();
    Set<ImageId> seen = new HashSet<>();
    Set<Dependency> asked = new HashSet<>();
    open.add(top);
    for (ImageRecord image = open.poll(); image != null; image = open.poll()) {
      if (!seen.add(image.id())) {
        continue;
      }
      for (Dependency dependency : store.manifest(image).dependencies()) {
        if (!asked.add(dependency)) {
          continue;
        }
        if (asked.size() > MAX_IMAGES) {
          throw failure(
              image,
              EngineException.of(
                  ErrorCode.REFUSED, "", "more than " + MAX_IMAGES + " dependencies"));
        }
        open.add(one(image, dependency));
      }
    }
  }

  private ImageRecord one(ImageRecord image, Dependency dependency) throws EngineException {
    ImageName shown = new ImageName(dependency.imageName(), dependency.labels());
    ImageRecord found;
    try {
      found = fetcher.fetch(dependency, shown);
    } catch (EngineException e) {
      throw failure(image, e);
    }
    if (found.kind() != ImageRecord.Kind.ACI) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "failed to get dependencies for image ID \"" + image.id() + "\"",
          invalid(image, shown) + ": it is an OCI image");
    }
    return found;
  }

  private static String invalid(ImageRecord image, ImageName shown) {
    return "one of image ID's \""
        + image.id()
        + "\" dependencies (image \""
        + shown
        + "\") is invalid";
  }

  private static EngineException failure(ImageRecord image, EngineException cause) {
    return new EngineException(
        cause.code(),
        "failed to get dependencies for image ID \"" + image.id() + "\"",
        cause.attempted().isEmpty() ? cause.why() : cause.attempted() + ": " + cause.why(),
        cause.remedy(),
        cause);
  }
}
