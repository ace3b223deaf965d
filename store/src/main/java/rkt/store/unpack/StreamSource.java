package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;

/** Blocks from a stream, in the caller's thread. */
public final class StreamSource implements ByteSource {
  /** Large enough that the per-block costs vanish, small enough to stay in the L2 cache. */
  public static final int BLOCK_BYTES = 256 << 10;

  private final InputStream in;
  private final byte[] block;
  private int length;

  public StreamSource(InputStream in) {
    this(in, BLOCK_BYTES);
  }

  StreamSource(InputStream in, int blockBytes) {
    this.in = in;
    this.block = new byte[blockBytes];
  }

  @Override
  public boolean next() throws IOException {
    length = in.readNBytes(block, 0, block.length);
    return length > 0;
  }

  @Override
  public byte[] block() {
    return block;
  }

  @Override
  public int length() {
    return length;
  }
}
