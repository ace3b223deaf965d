package rkt.image;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
  /** Leaves https for nothing, whatever the options allow. */
  private final WebClient strict;

  private final WebClient web;
  private final boolean plainHttp;
  private final boolean redirectsToHttp;
  private final Diagnostics diagnostics;

  /**
   * @param plainHttp whether keys and pages may come over http; https never falls back to it
   */
  public PublicKeys(FetchOptions options, boolean plainHttp) {
    this.strict =
        new WebClient(options.withInsecure(options.insecure().without(InsecureOption.HTTP)));
    this.web = new WebClient(options);
    this.plainHttp = plainHttp;
    this.redirectsToHttp = options.insecure().has(InsecureOption.HTTP);
    this.diagnostics = options.diagnostics();
  }

  @Override
  public Fetched fetch(String location) throws EngineException {
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
    if ("http".equalsIgnoreCase(uri.getScheme())) {
      return new Fetched(document(web, attempted, uri, plainHttp), false);
    }
    try {
      return new Fetched(document(strict, attempted, uri, false), true);
    } catch (EngineException e) {
      if (!redirectsToHttp || e.code() != ErrorCode.REFUSED) {
        throw e;
      }
      diagnostics.debug(e.why());
      return new Fetched(document(web, attempted, uri, false), false);
    }
  }

  private static byte[] document(WebClient client, String attempted, URI uri, boolean http)
      throws EngineException {
    try (Reply reply = client.document(attempted, uri, http)) {
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
  public Offer discover(String prefix) throws EngineException {
    if (!plainHttp && !redirectsToHttp) {
      List<String> found = locations(strict, false, prefix);
      return new Offer(found, Set.copyOf(found));
    }
    List<String> vouched = List.of();
    try {
      vouched = locations(strict, false, prefix);
    } catch (EngineException e) {
      diagnostics.debug(e.why());
    }
    return new Offer(locations(web, plainHttp, prefix), Set.copyOf(vouched));
  }

  private List<String> locations(WebClient client, boolean http, String prefix)
      throws EngineException {
    List<String> out = new ArrayList<>();
    for (URI uri : new Discovery(client, http, diagnostics).keys(prefix)) {
      out.add(uri.toString());
    }
    return out;
  }

  @Override
  public void close() {
    strict.close();
    web.close();
  }
}
