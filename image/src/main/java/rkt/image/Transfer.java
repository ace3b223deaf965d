package rkt.image;

/** One transfer on somebody's screen. Several go on at once. */
public interface Transfer extends AutoCloseable {
  /** Shows nothing. */
  Transfer UNSEEN =
      new Transfer() {
        @Override
        public void advance(long bytes) {}

        @Override
        public void done(String outcome) {}

        @Override
        public void close() {}
      };

  /** That many more bytes are here; those of an earlier, interrupted transfer count too. */
  void advance(long bytes);

  /**
   * It ended well.
   *
   * @param outcome {@code done}, {@code exists} or {@code resumed}
   */
  void done(String outcome);

  /** Ends the display; without {@link #done} before it the transfer failed. */
  @Override
  void close();
}
