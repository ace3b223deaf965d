package rkt.store.unpack;

import java.util.function.LongSupplier;

/**
 * Stops a decompression bomb: more than the limit in all, or, past the first gigabyte, more than
 * deflate can possibly yield from what was read (its best is 1032 to 1; only hostile xz, bzip2 and
 * zstd go beyond).
 */
public final class BombGuard implements ObservedSource.Observer {
  private static final long FREE_BYTES = 1L << 30;
  private static final long MAX_RATIO = 1100;

  private final long maxBytes;
  private final LongSupplier compressedBytes;
  private long count;

  /**
   * @param compressedBytes how many compressed bytes were read so far
   */
  public BombGuard(long maxBytes, LongSupplier compressedBytes) {
    this.maxBytes = maxBytes;
    this.compressedBytes = compressedBytes;
  }

  @Override
  public void bytes(byte[] block, int offset, int length) throws ArchiveException {
    count += length;
    if (count > maxBytes) {
      throw ArchiveException.limit("archive is larger than " + maxBytes + " bytes uncompressed");
    }
    if (count > FREE_BYTES && count / MAX_RATIO > compressedBytes.getAsLong()) {
      throw ArchiveException.limit(
          "archive inflates more than " + MAX_RATIO + " times: a decompression bomb");
    }
  }

  /** Uncompressed bytes so far. */
  public long count() {
    return count;
  }
}
