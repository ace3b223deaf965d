package rkt.image.http;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * What to ask.
 *
 * @param attempted what is being done, for messages
 * @param plainHttp whether http URLs may be asked
 * @param headers beside those that every request has
 * @param wholeAnswer bound on the whole answer, zero to bound only its silence
 */
public record WebRequest(
    String attempted,
    URI uri,
    boolean plainHttp,
    Map<String, String> headers,
    Duration wholeAnswer) {

  public WebRequest {
    headers = Map.copyOf(headers);
  }

  /** A small document, to be had within a minute or so. */
  static WebRequest document(String attempted, URI uri, boolean plainHttp) {
    return new WebRequest(attempted, uri, plainHttp, Map.of(), Duration.ofSeconds(90));
  }
}
