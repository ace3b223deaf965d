package rkt.image.layout;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The files of a layout, by their paths within it, whatever it is packed in. */
interface LayoutFiles extends AutoCloseable {
  /**
   * Opens a regular file.
   *
   * @param path relative, with {@code /} between its parts
   * @return empty when there is nothing of that name
   * @throws IOException also when there is something else than a file, or it lies outside
   */
  Optional<Sized> open(String path) throws IOException;

  @Override
  void close() throws IOException;

  /** A stream that knows how much it has. */
  final class Sized extends FilterInputStream {
    private final long size;

    Sized(InputStream in, long size) {
      super(in);
      this.size = size;
    }

    long size() {
      return size;
    }
  }
}
