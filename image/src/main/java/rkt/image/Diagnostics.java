package rkt.image;

/**
 * Where the image layer's lines go. The receiver adds the {@code image: } prefix and decides
 * whether debug lines show. Called from several threads at once.
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
   * Begins to show a transfer; the default shows nothing.
   *
   * @param what what is transferred: {@code layer sha256:0123456789ab}, {@code ACI}, {@code
   *     signature}; {@code upload of} or {@code import of} before it, when it is not downloaded
   * @param total bytes, negative when unknown
   */
  default Transfer transfer(String what, long total) {
    return Transfer.UNSEEN;
  }
}
