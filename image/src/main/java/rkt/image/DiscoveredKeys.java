package rkt.image;

import rkt.schema.EngineException;

/**
 * Looks for public keys before an image is fetched by name: they are reviewed by the user, or
 * accepted because of {@code --trust-keys-from-https}.
 */
@FunctionalInterface
public interface DiscoveredKeys {
  /** Keys are not looked for. */
  DiscoveredKeys IGNORED =
      // No lambda: this is on the start-up path, where linking one costs more than a class.
      new DiscoveredKeys() {
        @Override
        public void fetchFor(String name) {}
      };

  /**
   * Whatever is wrong with keys is told to the user and is not fatal: the signature then finds no
   * key.
   *
   * @param name the image's name
   */
  void fetchFor(String name) throws EngineException;
}
