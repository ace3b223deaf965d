package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** What the two stages may cost, and how they end. */
class PipelineTest {
  private static final long LENGTH = 40L << 20;

  /** Zeros that are made as they are read. */
  private static final class Zeros extends InputStream {
    private long left = LENGTH;

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
}
