/**
 * What was found out about an image's origin, as it is kept beside the image.
 *
 * <p>Entry class: {@link rkt.schema.trust.Verdict}. Must not know how a signature is checked: that
 * is the business of module {@code trust}.
 */
package rkt.schema.trust;
