package rkt.store;

/**
 * A name from outside the store (a URL, a registry reference) with what HTTP caching needs.
 *
 * @param ref the reference, for example {@code docker://host/name:tag} in canonical form
 * @param etag the server's entity tag, may be empty
 * @param maxAgeSeconds from {@code Cache-Control}, 0 for none
 */
public record Reference(String ref, String etag, long maxAgeSeconds) {
  public static Reference of(String ref) {
    return new Reference(ref, "", 0);
  }
}
