/**
 * appc meta discovery: from an image name to the URLs where it, its signature and its public keys
 * are.
 *
 * <p>Entry class: {@link rkt.image.discovery.Discovery}. It walks the prefixes of the name, reads
 * the {@code meta} tags of one web page each and fills in the templates found there.
 *
 * <p>Invariants: pages are bounded and parsed without any further request; https first, http only
 * when the user allowed it; a template yields an http(s) URL whose host no label value has a say
 * in, or nothing.
 *
 * <p>Knows nothing of the store, of trust or of downloading images.
 */
package rkt.image.discovery;
