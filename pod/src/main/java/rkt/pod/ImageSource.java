package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;
import rkt.image.ImageString;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;

/**
 * Turns what the user typed into an image in the store; {@code ImageFinder::find} is the real one.
 */
@FunctionalInterface
public interface ImageSource {
  /**
   * @param signature a local file with the detached signature of the image; empty: where it usually
   *     is
   */
  ImageRecord find(ImageString image, Optional<Path> signature) throws EngineException;
}
