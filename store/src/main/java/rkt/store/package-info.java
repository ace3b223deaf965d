/**
 * The image store: blobs, the image index, unpacked layers, rendered ACI trees. Entry class: {@link
 * rkt.store.ImageStore}.
 *
 * <p>Invariants. The file system is the database. Content is prepared below {@code tmp/}, made
 * durable by one {@code syncfs}, and appears by one rename; an index record is written last, so a
 * record never names content that is not there. Whoever is killed leaves only entries in {@code
 * tmp/} and unreferenced content, and {@code gc} reclaims both. A running import is known by its
 * lease, so imports and gc may run at the same time.
 *
 * <p>Reading the index touches neither a decompressor nor a hash: it is on the start-up path of
 * {@code run}. This package opens no network connection and knows nothing of pods.
 */
@NullMarked
package rkt.store;

import org.jspecify.annotations.NullMarked;
