package rkt.image.registry;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** One HTTP GET, no redirects followed. The seam between the protocol and {@code java.net.http}. */
public interface Transport extends AutoCloseable {
  /**
   * Sends and waits for the headers.
   *
   * @param wholeAnswer bound on headers and body together; zero when only silence is bounded
   * @throws IOException when no answer came; {@link java.io.InterruptedIOException} when the thread
   *     was interrupted
   */
  Reply get(URI uri, Map<String, String> headers, Duration wholeAnswer) throws IOException;

  @Override
  void close();

  /** No connection or no headers within the bounds. */
  final class Late extends IOException {
    private static final long serialVersionUID = 1L;

    Late(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
