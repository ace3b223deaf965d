package rkt.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An answer whose body has not been read. The owner closes it.
 *
 * @param uri where the answer came from, redirects included
 * @param headers names lower-cased
 */
public record Reply(URI uri, int status, Map<String, List<String>> headers, InputStream body)
    implements AutoCloseable {
  public Optional<String> header(String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  public List<String> headerValues(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** The declared length; empty when absent or not a number. */
  public Optional<Long> contentLength() {
    return header("content-length").flatMap(Reply::number);
  }

  /** The media type without parameters, lower-cased; empty text when absent. */
  public String mediaType() {
    String value = header("content-type").orElse("");
    int semicolon = value.indexOf(';');
    return (semicolon < 0 ? value : value.substring(0, semicolon))
        .trim()
        .toLowerCase(java.util.Locale.ROOT);
  }

  public static Optional<Long> number(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return Optional.empty();
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(Long.parseLong(text));
  }

  /**
   * The whole body.
   *
   * @throws BodyTooLarge when it is longer than {@code limit}; nothing beyond it is read
   */
  public byte[] readAll(int limit) throws IOException {
    Optional<Long> declared = contentLength();
    if (declared.isPresent() && declared.get() > limit) {
      throw new BodyTooLarge(limit);
    }
    byte[] bytes = body.readNBytes(limit + 1);
    if (bytes.length > limit) {
      throw new BodyTooLarge(limit);
    }
    return bytes;
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      // The answer is of no more interest, and the connection is dropped either way.
    }
  }

  /** A document larger than any honest one. */
  public static final class BodyTooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    BodyTooLarge(int limit) {
      super("the answer is larger than the allowed " + limit + " bytes");
    }
  }
}
