package rkt.image.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * One HTTP exchange, no redirects followed. The seam between the protocol and {@code
 * java.net.http}.
 */
public interface Transport extends AutoCloseable {
  /** Connections to anybody, with the system's certificate authorities. */
  static Transport open(RegistryLimits limits, boolean anyCertificate) throws IOException {
    return new JdkTransport(limits, anyCertificate ? TlsSettings.anyone() : TlsSettings.STRICT);
  }

  /**
   * Sends and waits for the headers.
   *
   * @throws IOException when no answer came; {@link java.io.InterruptedIOException} when the thread
   *     was interrupted
   */
  Reply send(Request request) throws IOException;

  /** A GET. */
  default Reply get(URI uri, Map<String, String> headers, Duration wholeAnswer) throws IOException {
    return send(new Request("GET", uri, headers, Content.NONE, wholeAnswer));
  }

  @Override
  void close();

  /**
   * What is sent.
   *
   * @param wholeAnswer bound on headers and body together; zero when only silence is bounded
   */
  record Request(
      String method, URI uri, Map<String, String> headers, Content content, Duration wholeAnswer) {}

  /** A body to send. It may be opened several times: requests are repeated. */
  interface Content {
    /** Nothing. */
    Content NONE = of(new byte[0]);

    long length();

    InputStream open() throws IOException;

    static Content of(byte[] bytes) {
      return new Content() {
        @Override
        public long length() {
          return bytes.length;
        }

        @Override
        public InputStream open() {
          return new ByteArrayInputStream(bytes);
        }
      };
    }
  }

  /** No connection or no headers within the bounds. */
  final class Late extends IOException {
    private static final long serialVersionUID = 1L;

    Late(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
