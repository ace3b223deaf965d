package rkt.image;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import rkt.image.discovery.Discovery;
import rkt.image.http.WebClient;
import rkt.image.registry.Reply;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.Urls;
import rkt.trust.KeySource;

/** Public keys from the web, and where they are. For one thread. */
public final class PublicKeys implements KeySource, AutoCloseable {
  private final WebClient web;
  private final boolean plainHttp;
  private final Diagnostics diagnostics;

  /**
   * @param plainHttp whether keys and pages may come over http; https never falls back to it
   */
  public PublicKeys(FetchOptions options, boolean plainHttp) {
    this.web = new WebClient(options);
    this.plainHttp = plainHttp;
    this.diagnostics = options.diagnostics();
  }

  @Override
  public byte[] fetch(String location) throws EngineException {
    String attempted = "error accessing the key " + Texts.printable(Urls.shownRefused(location));
    URI uri;
    try {
      uri = new URI(location);
    } catch (URISyntaxException e) {
      // Not with the exception, which repeats the URL.
      throw EngineException.of(ErrorCode.INVALID, attempted, "malformed URL: " + e.getReason());
    }
    if (uri.getRawUserInfo() != null) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "the URL contains a user or password",
          "give them for its host in auth.d of the configuration directory");
    }
    boolean http = plainHttp && "http".equalsIgnoreCase(uri.getScheme());
    try (Reply reply = web.document(attempted, uri, http)) {
      if (reply.status() != 200) {
        throw EngineException.of(
            ErrorCode.NETWORK, attempted, "bad HTTP status code: " + reply.status());
      }
      return reply.readAll(KeySource.MAX_KEY_BYTES);
    } catch (IOException e) {
      throw new EngineException(
          ErrorCode.NETWORK, attempted, String.valueOf(e.getMessage()), "", e);
    }
  }

  @Override
  public List<String> discover(String prefix) throws EngineException {
    List<String> out = new ArrayList<>();
    for (URI uri : new Discovery(web, plainHttp, diagnostics).keys(prefix)) {
      out.add(uri.toString());
    }
    return out;
  }

  @Override
  public void close() {
    web.close();
  }
}
