package rkt.trust;

import java.util.List;
import java.util.Set;
import rkt.schema.EngineException;

/**
 * Where keys come from when they are not local files. The network side decides about credentials,
 * redirects and TLS; a location it was given over https is never fetched over http.
 */
public interface KeySource {
  /** No key is larger; a source stops reading there. */
  int MAX_KEY_BYTES = 8 << 20;

  /**
   * A key file.
   *
   * @param https whether it came over https on every hop, so that a certificate stands for it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Fetched(byte[] bytes, boolean https) {}

  /**
   * Where the keys for a prefix are.
   *
   * @param locations never empty
   * @param https those of them that a page named which itself came over https on every hop
   */
  record Offer(List<String> locations, Set<String> https) {
    public Offer {
      locations = List.copyOf(locations);
      https = Set.copyOf(https);
    }
  }

  /**
   * The key file at an http or https URL, at most {@value #MAX_KEY_BYTES} bytes.
   *
   * @throws EngineException NETWORK when it cannot be had
   */
  Fetched fetch(String location) throws EngineException;

  /**
   * The locations of the keys for a prefix, by the meta tags {@code ac-discovery-pubkeys}.
   *
   * @throws EngineException when there are none or they cannot be found out
   */
  Offer discover(String prefix) throws EngineException;
}
