package rkt.image;

/**
 * Where the image layer's lines go. The receiver adds the {@code image: } prefix and decides
 * whether debug lines show.
 */
public interface Diagnostics {
  /** Drops everything. */
  Diagnostics SILENT =
      new Diagnostics() {
        @Override
        public void debug(String line) {}

        @Override
        public void warn(String line) {}
      };

  /** A line only {@code --debug} shows. */
  void debug(String line);

  /** A line the user always sees. */
  void warn(String line);

  /**
   * How much of a download is done; the default shows nothing. {@code total} is negative when
   * unknown.
   */
  default void progress(String what, long done, long total) {}

  /**
   * The download shown by {@link #progress} ended, well or not; a progress line is wiped or
   * finished here.
   */
  default void progressDone() {}
}
