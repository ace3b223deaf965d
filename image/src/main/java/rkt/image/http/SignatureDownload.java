package rkt.image.http;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import rkt.image.Transfer;
import rkt.image.registry.Reply;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Urls;

/** Fetches detached signatures. */
public final class SignatureDownload {
  private static final String ATTEMPTED = "error downloading the signature file";
  private static final int MAX_BYTES = 1 << 20;

  private final WebClient web;

  public SignatureDownload(WebClient web) {
    this.web = web;
  }

  /**
   * Where the signature of an image is: {@code .aci} at the end of the path becomes {@code
   * .aci.asc}; query and fragment stay.
   */
  public static URI location(URI image) {
    String path = image.getRawPath() == null ? "" : image.getRawPath();
    StringBuilder text = new StringBuilder();
    text.append(image.getScheme()).append("://").append(image.getRawAuthority());
    text.append(beside(path));
    if (image.getRawQuery() != null) {
      text.append('?').append(image.getRawQuery());
    }
    if (image.getRawFragment() != null) {
      text.append('#').append(image.getRawFragment());
    }
    try {
      return new URI(text.toString());
    } catch (URISyntaxException e) {
      throw new AssertionError("made from the parts of a URI", e);
    }
  }

  /** The same rule for the path of a file. */
  public static String beside(String path) {
    return (path.endsWith(".aci") ? path.substring(0, path.length() - ".aci".length()) : path)
        + ".aci.asc";
  }

  /**
   * @return empty when the server asks to come back after the image was downloaded
   */
  public Optional<byte[]> first(URI uri, boolean plainHttp) throws EngineException {
    Optional<byte[]> signature = fetch(uri, plainHttp);
    if (signature.isEmpty()) {
      web.diagnostics().warn("server requested deferring the signature download");
    }
    return signature;
  }

  /** The second and last time. */
  public byte[] deferred(URI uri, boolean plainHttp) throws EngineException {
    return fetch(uri, plainHttp)
        .orElseThrow(() ->
            EngineException.of(
                ErrorCode.NETWORK,
                ATTEMPTED,
                "server asked to defer the download again (\""
                    + Urls.shown(uri.toString())
                    + "\")"));
  }

  private Optional<byte[]> fetch(URI uri, boolean plainHttp) throws EngineException {
    web.diagnostics().debug("downloading signature from " + Urls.shown(uri.toString()));
    try (Reply reply = web.document(ATTEMPTED, uri, plainHttp)) {
      if (reply.status() == 202) {
        return Optional.empty();
      }
      if (reply.status() != 200) {
        throw WebClient.status(ATTEMPTED, uri, reply);
      }
      try (Transfer transfer =
          web.diagnostics().transfer("signature", reply.contentLength().orElse(-1L))) {
        byte[] bytes = reply.readAll(MAX_BYTES);
        transfer.advance(bytes.length);
        transfer.done("done");
        return Optional.of(bytes);
      }
    } catch (IOException e) {
      throw WebClient.failure(ATTEMPTED, uri, e);
    }
  }
}
