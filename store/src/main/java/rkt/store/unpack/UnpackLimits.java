package rkt.store.unpack;

/**
 * Bounds on what an archive may ask for, so that a small download cannot fill a disk or a heap.
 *
 * @param maxBytes uncompressed bytes of the archive, and the apparent size of any one file
 * @param maxEntries entries in the archive
 * @param maxDepth components of a path; whoever walks a tree holds a descriptor or two for each
 */
public record UnpackLimits(long maxBytes, long maxEntries, int maxDepth) {
  /** PATH_MAX of Linux, including the NUL. A longer path could be made but never be opened. */
  public static final int MAX_PATH_BYTES = 4095;

  /** NAME_MAX of Linux. */
  public static final int MAX_NAME_BYTES = 255;

  /** Extended header, long name or sparse map in memory; Go's archive/tar has the same bound. */
  public static final int MAX_META_BYTES = 1 << 20;

  public static final UnpackLimits DEFAULT = new UnpackLimits(128L << 30, 10_000_000, 256);

  public UnpackLimits withMaxBytes(long bytes) {
    return new UnpackLimits(bytes, maxEntries, maxDepth);
  }

  public UnpackLimits withMaxEntries(long entries) {
    return new UnpackLimits(maxBytes, entries, maxDepth);
  }
}
