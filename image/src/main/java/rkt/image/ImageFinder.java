package rkt.image;

import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** Turns an image string into a stored image, fetching it when the pull policy says so. */
public final class ImageFinder {
  private final ImageStore store;
  private final FetchOptions options;

  public ImageFinder(ImageStore store, FetchOptions options) {
    this.store = store;
    this.options = options;
  }

  /** Finds or fetches one image. */
  public ImageRecord find(ImageString image) throws EngineException {
    throw new IllegalStateException(store.toString() + options + image);
  }
}
