package rkt.image.auth;

import java.util.Optional;
import rkt.schema.EngineException;

/** Where credentials are looked up. Asked only when a request is about to be made. */
public interface Credentials {
  /** Nobody is known. */
  Credentials NONE =
      new Credentials() {
        @Override
        public Optional<Credential> forHost(String hostPort) {
          return Optional.empty();
        }

        @Override
        public Optional<Credential> forRepository(String host, String repository) {
          return Optional.empty();
        }
      };

  /**
   * For plain web servers (images by URL, discovery, signatures, keys): exact match.
   *
   * @param hostPort as in the URL, with a port if it names one
   */
  Optional<Credential> forHost(String hostPort) throws EngineException;

  /**
   * For a registry: the longest matching repository prefix, then the host.
   *
   * @param host the registry's host, with a port if it is not the standard one
   */
  Optional<Credential> forRepository(String host, String repository) throws EngineException;
}
