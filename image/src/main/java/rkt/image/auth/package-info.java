/**
 * Who we are to servers: credentials and where they are looked up.
 *
 * <p>Entry interface: {@link rkt.image.auth.Credentials}. Invariant: secrets leave the records only
 * for whoever asks for them by name, never through {@code toString}.
 */
package rkt.image.auth;
