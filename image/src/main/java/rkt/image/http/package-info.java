/**
 * Fetching from plain web servers: image files, signatures, discovery pages, public keys.
 *
 * <p>{@link rkt.image.http.WebClient} asks one question with redirects, retries and credentials;
 * {@link rkt.image.http.FileDownload} brings a file into a partial download of the store and takes
 * up what an earlier process left; {@link rkt.image.http.SignatureDownload} knows that a server may
 * want to be asked later.
 *
 * <p>Invariants: every answer is bounded; credentials go to the host they were configured for, over
 * https, and never along with a redirect; kept bytes are continued only when the server confirms
 * that they belong to the same file.
 *
 * <p>Knows nothing of trust, names or pods. The connection itself is {@link
 * rkt.image.registry.Transport}.
 */
package rkt.image.http;
