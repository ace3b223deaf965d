package rkt.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.trust.Verdict;
import rkt.trust.Subject;
import rkt.trust.Trust;

/**
 * Judges a file by its signature while somebody else reads it: in a thread of its own, so that
 * hashing for the signature and unpacking share the time, and nothing is read twice.
 *
 * <p>Used by one thread. Closing it without asking for the verdict abandons the judgement.
 */
final class PgpJudge implements AutoCloseable {
  private static final int BLOCKS = 16;
  private static final byte[] END = new byte[0];
  private static final byte[] ABANDONED = new byte[0];

  private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(BLOCKS);
  private final byte[] signature;
  private final Thread thread;
  private volatile boolean ended;
  private volatile @Nullable Verdict verdict;
  private volatile @Nullable Throwable failure;

  PgpJudge(Trust trust, Subject subject, byte[] signature) {
    this.signature = signature;
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("judge")
            .start(() -> {
              try {
                verdict = trust.judgePgp(subject, new Blocks(blocks), signature);
              } catch (Throwable e) {
                failure = e;
              } finally {
                ended = true;
              }
            });
  }

  /** The next bytes of the file. A judgement that has failed already ends the reading. */
  void bytes(byte[] block, int offset, int length) throws IOException {
    if (length > 0) {
      byte[] copy = new byte[length];
      System.arraycopy(block, offset, copy, 0, length);
      if (!put(copy) && failure != null) {
        throw new IOException(failure);
      }
    }
  }

  /** False when nobody listens any more. */
  private boolean put(byte[] block) throws InterruptedIOException {
    try {
      while (!ended) {
        if (blocks.offer(block, 50, TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** The file has ended. */
  Verdict verdict() throws EngineException {
    try {
      put(END);
      thread.join();
    } catch (InterruptedException | InterruptedIOException e) {
      Thread.currentThread().interrupt();
      throw EngineException.of(ErrorCode.SYSTEM, "verify the signature", "interrupted");
    }
    Verdict found = verdict;
    if (found != null) {
      return found;
    }
    Throwable why = failure;
    if (why instanceof EngineException e) {
      throw e;
    }
    throw new EngineException(
        ErrorCode.SYSTEM, "verify the signature", String.valueOf(why), "", why);
  }

  byte[] signature() {
    return signature;
  }

  /** Why the judgement failed, if it has. */
  @Nullable EngineException refusal() {
    return failure instanceof EngineException e ? e : null;
  }

  @Override
  public void close() {
    blocks.clear();
    if (!blocks.offer(ABANDONED)) {
      thread.interrupt();
    }
  }

  private static final class Blocks extends InputStream {
    private final BlockingQueue<byte[]> blocks;
    private byte[] current = new byte[0];
    private int position;
    private boolean over;

    Blocks(BlockingQueue<byte[]> blocks) {
      this.blocks = blocks;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the two marks are told apart by identity
    public int read(byte[] b, int off, int len) throws IOException {
      if (len == 0) {
        return 0;
      }
      if (position == current.length && !over) {
        try {
          current = blocks.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted");
        }
        position = 0;
        if (current == ABANDONED) {
          throw new IOException("the file was not read to its end");
        }
        over = current == END;
      }
      if (over) {
        return -1;
      }
      int count = Math.min(len, current.length - position);
      System.arraycopy(current, position, b, off, count);
      position += count;
      return count;
    }
  }
}
