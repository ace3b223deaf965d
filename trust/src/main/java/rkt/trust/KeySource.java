package rkt.trust;

import java.util.List;
import rkt.schema.EngineException;

/**
 * Where keys come from when they are not local files. The network side decides about credentials,
 * redirects and TLS; a location it was given over https is never fetched over http.
 */
public interface KeySource {
  /** No key is larger; a source stops reading there. */
  int MAX_KEY_BYTES = 8 << 20;

  /**
   * The key file at an http or https URL, at most {@value #MAX_KEY_BYTES} bytes.
   *
   * @throws EngineException NETWORK when it cannot be had
   */
  byte[] fetch(String location) throws EngineException;

  /**
   * The locations of the keys for a prefix, by the meta tags {@code ac-discovery-pubkeys}; never
   * empty.
   *
   * @throws EngineException when there are none or they cannot be found out
   */
  List<String> discover(String prefix) throws EngineException;
}
