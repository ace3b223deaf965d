package rkt.image.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;

/**
 * A URL with {@code {name}}, {@code {version}} and other labels in braces, and {@code {ext}}.
 *
 * <p>The page's owner writes the template, the user the labels. Values go in as they are, as the
 * ancestor put them; but they may not choose the host: {@code version=@evil.example/} in {@code
 * https://example.com{version}} would.
 */
record Template(String text) {
  private static final String HARMLESS = "x";

  /** Of a template, and of what comes of it: {@code {name}} may stand in it any number of times. */
  private static final int MAX_LENGTH = 8 << 10;

  /** Empty when something in braces is unknown, or the result is no acceptable URL. */
  Optional<Endpoint> fill(AcIdentifier name, Labels labels) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Optional<URI> image = url(name, labels, "aci");
    Optional<URI> signature = url(name, labels, "aci.asc");
    return image.isEmpty() || signature.isEmpty()
        ? Optional.empty()
        : Optional.of(new Endpoint(image.get(), signature.get()));
  }

  private Optional<URI> url(AcIdentifier name, Labels labels, String extension) {
    String filled = fill(name, labels, extension, false);
    if (filled.length() > MAX_LENGTH || filled.indexOf('{') >= 0 || filled.indexOf('}') >= 0) {
      return Optional.empty();
    }
    Optional<URI> uri = plainUrl(filled);
    Optional<URI> harmless = plainUrl(fill(name, labels, extension, true));
    boolean sameHost =
        uri.isPresent()
            && harmless.isPresent()
            && uri.get().getRawAuthority().equals(harmless.get().getRawAuthority())
            && uri.get().getScheme().equals(harmless.get().getScheme());
    return sameHost ? uri : Optional.empty();
  }

  /** One pass, so that braces in a value are never looked up in turn. */
  private String fill(AcIdentifier name, Labels labels, String extension, boolean harmless) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (out.length() <= MAX_LENGTH) {
      int open = text.indexOf('{', from);
      int close = open < 0 ? -1 : text.indexOf('}', open);
      if (close < 0) {
        return out.append(text, from, text.length()).toString();
      }
      String key = text.substring(open + 1, close);
      Optional<String> value =
          switch (key) {
            case "name" -> Optional.of(name.value());
            case "ext" -> Optional.of(extension);
            case Label.VERSION -> Optional.of(labels.get(key).orElse("latest"));
            default -> labels.get(key);
          };
      out.append(text, from, open);
      if (value.isEmpty()) {
        out.append(text, open, close + 1);
      } else {
        boolean fromUser = !key.equals("name") && !key.equals("ext");
        out.append(harmless && fromUser ? HARMLESS : value.get());
      }
      from = close + 1;
    }
    return out.toString();
  }

  /** An http or https URL with a host and without a user. */
  static Optional<URI> plainUrl(String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme();
      boolean web = "https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme);
      return web && uri.getHost() != null && uri.getRawUserInfo() == null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
