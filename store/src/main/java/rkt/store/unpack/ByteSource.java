package rkt.store.unpack;

import java.io.IOException;

/**
 * Bytes that arrive in blocks and are used in place: the archive's data goes from the block it was
 * inflated into straight to {@code write(2)}. For one thread.
 */
public interface ByteSource {
  /**
   * Makes the next block current; the one before becomes invalid.
   *
   * @return false at the end
   */
  boolean next() throws IOException;

  /**
   * Leaves out bytes that follow the current block, where that costs less than reading them.
   *
   * @return how many, at most {@code bytes}; the next block begins after them
   */
  default long skip(long bytes) throws IOException {
    return 0;
  }

  /** The current block's bytes, from index 0. */
  byte[] block();

  /** How many bytes of the current block count. */
  int length();
}
