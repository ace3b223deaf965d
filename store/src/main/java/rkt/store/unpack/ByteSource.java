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

  /** The current block's bytes, from index 0. */
  byte[] block();

  /** How many bytes of the current block count. */
  int length();
}
