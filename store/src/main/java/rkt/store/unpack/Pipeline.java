package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import rkt.os.Uninterruptibly;

/**
 * Two stages at once: the calling thread reads (and so downloads, hashes and inflates) while a
 * second thread consumes (hashes again, writes files).
 *
 * <p>The second is a platform thread because it lives in system calls, which pin a virtual thread's
 * carrier. Blocks go round in a fixed ring, so a fast reader waits and memory stays bounded. Either
 * side's failure ends the other; {@link #run} returns only when both have ended.
 *
 * <p>A third stage may look at each block in between, in a thread of its own.
 */
public final class Pipeline {
  /** The consuming stage. */
  @FunctionalInterface
  public interface Stage<T> {
    T consume(ByteSource source) throws IOException;
  }

  private static final int BLOCKS = 6;

  /**
   * With a third stage. Two of the three write to the disk and are held up by it at different
   * times; 16 MB between them let the others go on.
   */
  static final int MORE_BLOCKS = 64;

  /** All that a pipeline holds of an archive. */
  static final int MEMORY_BYTES = BLOCKS * StreamSource.BLOCK_BYTES;

  /** One buffer of the ring; length 0 means the end, negative a reader that failed. */
  private static final class Block {
    final byte[] bytes;
    int length;

    Block(int size) {
      bytes = new byte[size];
    }
  }

  private Pipeline() {}

  /** Runs a stage on what {@code in} yields; in this thread alone when it is known to be little. */
  public static <T> T run(InputStream in, long expectedBytes, Stage<T> stage) throws IOException {
    if (expectedBytes >= 0 && expectedBytes < 2L * StreamSource.BLOCK_BYTES) {
      return stage.consume(new StreamSource(in));
    }
    return new Ring<T>(stage, BLOCKS, null).run(in);
  }

  /**
   * Runs a stage on what {@code in} yields, each block after an observer has seen it, which works
   * in a third thread: what it does takes as long as what the stage does.
   */
  public static <T> T run(InputStream in, ObservedSource.Observer between, Stage<T> stage)
      throws IOException {
    return new Ring<T>(stage, MORE_BLOCKS, between).run(in);
  }

  /** What a stage sees when the one before it has failed; never a headline. */
  private static final class BrokenOff extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenOff() {
      super("reading the archive failed");
    }
  }

  private static final class Ring<T> {
    private final Stage<T> stage;
    private final ObservedSource.@Nullable Observer between;
    private final BlockingQueue<Block> free;
    private final BlockingQueue<Block> full;

    /** What the observer has seen; the same as {@code full} without one. */
    private final BlockingQueue<Block> seen;

    private volatile boolean consumerEnded;
    private @Nullable T result;
    private @Nullable Throwable failure;
    private @Nullable Throwable betweenFailure;

    Ring(Stage<T> stage, int blocks, ObservedSource.@Nullable Observer between) {
      this.stage = stage;
      this.between = between;
      // Room for all blocks and for each stage's word that it has ended.
      free = new ArrayBlockingQueue<>(blocks + 3);
      full = new ArrayBlockingQueue<>(blocks + 3);
      seen = between == null ? full : new ArrayBlockingQueue<>(blocks + 3);
      for (int i = 0; i < blocks; i++) {
        free.add(new Block(StreamSource.BLOCK_BYTES));
      }
    }

    T run(InputStream in) throws IOException {
      Thread consumer = Thread.ofPlatform().name("unpack").daemon().start(this::consume);
      Thread observer =
          between == null
              ? null
              : Thread.ofPlatform().name("hash").daemon().start(() -> observe(between));
      Throwable readFailure = null;
      try {
        feed(in);
      } catch (IOException | RuntimeException e) {
        readFailure = e;
        full.add(broken());
      }
      if (observer != null) {
        Uninterruptibly.join(observer);
      }
      Uninterruptibly.join(consumer);
      return outcome(readFailure);
    }

    private void feed(InputStream in) throws IOException {
      while (true) {
        Block block = take(free);
        if (consumerEnded) {
          full.add(new Block(0));
          return;
        }
        block.length = in.readNBytes(block.bytes, 0, block.bytes.length);
        full.add(block);
        if (block.length == 0) {
          return;
        }
      }
    }

    private void observe(ObservedSource.Observer observer) {
      try {
        int length;
        do {
          Block block = take(full);
          // Once passed on, the block is the next stage's, and soon the reader's to fill anew.
          length = block.length;
          if (length > 0) {
            observer.bytes(block.bytes, 0, length);
          }
          seen.add(block);
        } while (length > 0);
      } catch (Throwable e) {
        betweenFailure = e;
        seen.add(broken());
        consumerEnded = true;
        free.add(new Block(0));
      }
    }

    private static Block broken() {
      Block broken = new Block(0);
      broken.length = -1;
      return broken;
    }

    private void consume() {
      try {
        result = stage.consume(new RingSource(free, seen));
      } catch (Throwable e) {
        failure = e;
      } finally {
        consumerEnded = true;
        // Wakes a reader that waits for a block; there is always room for one more.
        free.add(new Block(0));
      }
    }

    @SuppressWarnings("NullAway") // without a failure the stage has returned its result
    private T outcome(@Nullable Throwable readFailure) throws IOException {
      // An earlier stage's failure is the cause; a later one then only saw its input break off.
      Throwable first = readFailure != null ? readFailure : failure;
      if (readFailure == null && (failure == null || failure instanceof BrokenOff)) {
        first = betweenFailure;
      }
      if (first != null) {
        rethrow(first);
      }
      return result;
    }
  }

  private static final class RingSource implements ByteSource {
    private final BlockingQueue<Block> free;
    private final BlockingQueue<Block> full;
    private Block current = new Block(0);
    private boolean ended;

    RingSource(BlockingQueue<Block> free, BlockingQueue<Block> full) {
      this.free = free;
      this.full = full;
    }

    @Override
    public boolean next() throws IOException {
      if (ended) {
        return false;
      }
      if (current.bytes.length > 0) {
        free.add(current);
        current = new Block(0);
      }
      current = take(full);
      if (current.length < 0) {
        ended = true;
        throw new BrokenOff();
      }
      ended = current.length == 0;
      return !ended;
    }

    @Override
    public byte[] block() {
      return current.bytes;
    }

    @Override
    public int length() {
      return current.length;
    }
  }

  private static <B> B take(BlockingQueue<B> queue) throws IOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted");
    }
  }

  private static void rethrow(Throwable failure) throws IOException {
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IOException(failure);
    }
  }
}
