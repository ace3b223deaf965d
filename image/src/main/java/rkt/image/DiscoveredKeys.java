package rkt.image;

import java.net.URI;
import java.util.List;
import rkt.schema.EngineException;

/**
 * What happens to public keys that were discovered for a name: reviewed by the user, accepted
 * because of {@code --trust-keys-from-https}, or nothing at all.
 */
@FunctionalInterface
public interface DiscoveredKeys {
  /** Keys are not even looked for. */
  DiscoveredKeys IGNORED =
      (prefix, locations) -> {
        throw new AssertionError("nobody discovers keys to ignore them");
      };

  /**
   * Offers keys for a prefix. What fails is told to the user by the caller and is not fatal: the
   * signature then finds no key.
   *
   * @param prefix the image name the keys were discovered for
   * @param locations http or https URLs, in the order they were found
   */
  void offer(String prefix, List<URI> locations) throws EngineException;
}
