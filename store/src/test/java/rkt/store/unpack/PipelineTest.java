package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the two stages may cost, and how they end. */
class PipelineTest {
  private static final long LENGTH = 40L << 20;

  /** Zeros that are made as they are read. */
  private static final class Zeros extends InputStream {
    private long left;

    Zeros() {
      this(LENGTH);
    }

    Zeros(long length) {
      left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] b, int off, int len) {
      int n = (int) Math.min(len, left);
      left -= n;
      return n == 0 && len > 0 ? -1 : n;
    }
  }

  /**
   * However fast the reader and however slow the other stage: the ring is all the memory there is.
   */
  @Test
  void theReaderIsNeverFurtherAheadThanTheRing() throws IOException {
    ObservedStream in = new ObservedStream(new Zeros(), (b, off, len) -> {});
    long consumed =
        Pipeline.run(
            in,
            -1,
            source -> {
              long done = 0;
              while (source.next()) {
                assertThat(source.block()).hasSizeLessThanOrEqualTo(StreamSource.BLOCK_BYTES);
                assertThat(in.count() - done).isLessThanOrEqualTo(Pipeline.MEMORY_BYTES);
                done += source.length();
              }
              return done;
            });
    assertThat(consumed).isEqualTo(LENGTH);
    assertThat(Pipeline.MEMORY_BYTES).isLessThanOrEqualTo(2 << 20);
  }

  @Test
  void aFailingStageEndsTheReader() {
    ObservedStream in = new ObservedStream(new Zeros(), (b, off, len) -> {});
    assertThatThrownBy(() ->
            Pipeline.run(
                in,
                -1,
                source -> {
                  source.next();
                  throw new IOException("no space");
                }))
        .hasMessage("no space");
    assertThat(in.count()).isLessThanOrEqualTo(2L * Pipeline.MEMORY_BYTES);
  }

  @Test
  void theStageBetweenSeesEachBlockFirst() throws IOException {
    AtomicLong between = new AtomicLong();
    long consumed =
        Pipeline.run(
            new Zeros(),
            (b, off, len) -> between.addAndGet(len),
            source -> {
              long done = 0;
              while (source.next()) {
                done += source.length();
                assertThat(between.get()).isGreaterThanOrEqualTo(done);
              }
              return done;
            });
    assertThat(consumed).isEqualTo(LENGTH);
    assertThat(between.get()).isEqualTo(LENGTH);
  }

  @Test
  void aFailureBetweenIsTheHeadlineAndEndsBothOthers() {
    ObservedStream in = new ObservedStream(new Zeros(), (b, off, len) -> {});
    assertThatThrownBy(() ->
            Pipeline.run(
                in,
                (b, off, len) -> {
                  throw new IOException("no space");
                },
                source -> {
                  while (source.next()) {
                    throw new AssertionError("saw a block that the one before did not");
                  }
                  return "";
                }))
        .hasMessage("no space");
    assertThat(in.count()).isLessThan(LENGTH);
  }

  @Test
  void afterAFailureBetweenNothingComesAnyMore() {
    AtomicLong seen = new AtomicLong();
    assertThatThrownBy(() ->
            Pipeline.run(
                new Zeros(),
                (b, off, len) -> {
                  if (seen.addAndGet(len) > LENGTH / 2) {
                    throw new IOException("no space");
                  }
                },
                source -> {
                  long done = 0;
                  while (true) {
                    try {
                      if (!source.next()) {
                        return done;
                      }
                      done += source.length();
                      assertThat(done).isLessThanOrEqualTo(LENGTH / 2);
                    } catch (IOException e) {
                      // A stage that goes on all the same.
                      assertThat(source.next()).isFalse();
                    }
                  }
                }))
        .hasMessage("no space");
  }

  /**
   * The block that says the end is one that went round: the reader may have it back while the stage
   * between still holds it as the block it has just passed on.
   */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theEndMayComeInABlockThatWentRound() throws IOException {
    int ring = Pipeline.MORE_BLOCKS;
    for (int round = 0; round < 200; round++) {
      CountDownLatch ahead = new CountDownLatch(ring);
      Zeros zeros = new Zeros((long) ring * StreamSource.BLOCK_BYTES);
      InputStream in =
          new ObservedStream(
              zeros,
              (b, off, len) -> {
                if (zeros.left % StreamSource.BLOCK_BYTES == 0) {
                  ahead.countDown();
                }
              });
      long blocks =
          Pipeline.run(
              in,
              (b, off, len) -> await(ahead),
              source -> {
                long done = 0;
                while (source.next()) {
                  done++;
                }
                return done;
              });
      assertThat(blocks).isEqualTo(ring);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFailingStageEndsBothOthers() {
    ObservedStream in = new ObservedStream(new Zeros(), (b, off, len) -> {});
    assertThatThrownBy(() ->
            Pipeline.run(
                in,
                (b, off, len) -> {},
                source -> {
                  source.next();
                  throw new IOException("refused");
                }))
        .hasMessage("refused");
    assertThat(in.count()).isLessThan(LENGTH);
  }

  @Test
  void aFailingReaderIsTheHeadline() {
    InputStream broken =
        new InputStream() {
          private int left = 1 << 20;

          @Override
          public int read() throws IOException {
            if (left-- == 0) {
              throw new IOException("connection lost");
            }
            return 0;
          }
        };
    assertThatThrownBy(() ->
            Pipeline.run(
                broken,
                (b, off, len) -> {},
                source -> {
                  while (source.next()) {}
                  return "";
                }))
        .hasMessage("connection lost");
  }
}
