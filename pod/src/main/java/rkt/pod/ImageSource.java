package rkt.pod;

import rkt.image.ImageString;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;

/**
 * Turns what the user typed into an image in the store; {@code ImageFinder::find} is the real one.
 */
@FunctionalInterface
public interface ImageSource {
  ImageRecord find(ImageString image) throws EngineException;
}
