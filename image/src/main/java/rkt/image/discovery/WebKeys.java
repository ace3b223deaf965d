package rkt.image.discovery;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import rkt.image.FetchOptions;
import rkt.image.http.WebClient;
import rkt.image.registry.Reply;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.trust.KeySource;

/** Public keys from the web: found by meta discovery, fetched with the options of images. */
public final class WebKeys implements KeySource {
  private final FetchOptions options;
  private final boolean plainHttp;

  /**
   * @param plainHttp whether keys, and the pages that name them, may come over http
   */
  public WebKeys(FetchOptions options, boolean plainHttp) {
    this.options = options;
    this.plainHttp = plainHttp;
  }

  @Override
  public byte[] fetch(String location) throws EngineException {
    String attempted = "error downloading the public key";
    Optional<URI> uri = Template.plainUrl(location);
    if (uri.isEmpty()) {
      throw EngineException.of(
          ErrorCode.INVALID, attempted, "\"" + location + "\" is no http or https URL");
    }
    try (WebClient web = new WebClient(options);
        Reply reply = web.document(attempted, uri.get(), plainHttp)) {
      if (reply.status() != 200) {
        throw WebClient.status(attempted, uri.get(), reply);
      }
      return reply.readAll(MAX_KEY_BYTES);
    } catch (IOException e) {
      throw WebClient.failure(attempted, uri.get(), e);
    }
  }

  @Override
  public List<String> discover(String prefix) throws EngineException {
    try (WebClient web = new WebClient(options)) {
      return new Discovery(web, plainHttp, options.diagnostics())
          .keys(prefix).stream().map(URI::toString).toList();
    }
  }
}
