package rkt.image.registry;

import rkt.schema.oci.Digest;

/**
 * A manifest or index as it came.
 *
 * @param digest of {@code bytes}; verified against whatever asked for it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PulledManifest(String mediaType, Digest digest, byte[] bytes) {}
