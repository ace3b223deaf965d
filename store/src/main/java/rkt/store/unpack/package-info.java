/**
 * Archives from strangers become directory trees. Entry classes: {@link
 * rkt.store.unpack.TarUnpacker} (writes a tree), {@code TarReader} (reads entries), {@code
 * Compression} (inflates).
 *
 * <p>Invariant: whatever the archive says, no system call of the unpacker names anything outside
 * the target directory. Parents are opened by {@code openat2} with {@code RESOLVE_IN_ROOT |
 * RESOLVE_NO_MAGICLINKS}; the last component is one plain name that is never followed.
 *
 * <p>Knows nothing of images, indexes or digests of images.
 */
@NullMarked
package rkt.store.unpack;

import org.jspecify.annotations.NullMarked;
