package rkt.image.discovery;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
import rkt.image.http.WebClient;
import rkt.image.registry.Failures;
import rkt.image.registry.Reply;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Urls;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Labels;

/** Finds out where images and keys are, by asking the host in their name. */
public final class Discovery {
  /** Far more than any page with a few meta tags; parsed it may take a hundred times as much. */
  static final int PAGE_BYTES = 512 << 10;

  /** Nobody has that many mirrors, and a place may take minutes to fail. */
  static final int MAX_PLACES = 16;

  /** Names come from manifests too, and may have many components. */
  private static final Duration WHOLE_WALK = Duration.ofMinutes(5);

  private static final String HTTP_OPTION = "--insecure-options=http";

  private final Pages pages;
  private final boolean plainHttp;
  private final Diagnostics diagnostics;
  private final InstantSource clock;

  /** Brings one page. */
  @FunctionalInterface
  interface Pages {
    byte[] get(URI uri) throws EngineException;
  }

  /**
   * @param plainHttp whether http may be tried after https, and http URLs be taken from a page
   */
  public Discovery(WebClient web, boolean plainHttp, Diagnostics diagnostics) {
    this(uri -> page(web, uri, plainHttp), plainHttp, diagnostics, InstantSource.system());
  }

  Discovery(Pages pages, boolean plainHttp, Diagnostics diagnostics, InstantSource clock) {
    this.pages = pages;
    this.plainHttp = plainHttp;
    this.diagnostics = diagnostics;
    this.clock = clock;
  }

  /**
   * The places an image can be had from, in the order they are to be tried.
   *
   * @param labels for the templates; without a version, {@code latest} is asked for
   * @throws EngineException NOT_FOUND when nobody tells a place
   */
  public List<Endpoint> images(AcIdentifier name, Labels labels) throws EngineException {
    List<Endpoint> found = new ArrayList<>();
    walk(
        name.value(),
        MetaTag.IMAGES,
        tag -> {
          Optional<Endpoint> endpoint = new Template(tag.target()).fill(name, labels);
          if (found.size() >= MAX_PLACES) {
            return Use.TAKEN;
          }
          if (endpoint.isEmpty()) {
            diagnostics.debug("cannot use the discovery template " + shown(tag.target()));
            return Use.NONE;
          }
          if (!allowed(endpoint.get().image()) || !allowed(endpoint.get().signature())) {
            diagnostics.debug(
                "plain HTTP is not allowed: "
                    + shown(endpoint.get().image().toString())
                    + " is left out");
            return Use.REFUSED;
          }
          add(found, endpoint.get());
          return Use.TAKEN;
        });
    return found;
  }

  /**
   * The public keys for an image name or a prefix.
   *
   * @throws EngineException NOT_FOUND when nobody tells any
   */
  public List<URI> keys(String name) throws EngineException {
    List<URI> found = new ArrayList<>();
    walk(
        name,
        MetaTag.KEYS,
        tag -> {
          Optional<URI> uri = Template.plainUrl(tag.target());
          if (uri.isEmpty() || !allowed(uri.get())) {
            diagnostics.debug("cannot use the public key " + shown(tag.target()));
            return uri.isEmpty() ? Use.NONE : Use.REFUSED;
          }
          add(found, uri.get());
          return Use.TAKEN;
        });
    return found;
  }

  private static String shown(String url) {
    return Failures.plain(Urls.shownRefused(url));
  }

  private boolean allowed(URI uri) {
    return plainHttp || "https".equalsIgnoreCase(uri.getScheme());
  }

  /** A place that a page names again and again is tried once. */
  private static <T> void add(List<T> found, T place) {
    if (!found.contains(place)) {
      found.add(place);
    }
  }

  /** What a tag is good for. */
  private enum Use {
    TAKEN,
    /** It leads to plain HTTP, which is not allowed. */
    REFUSED,
    NONE
  }

  /** Takes a tag, or not. */
  private interface Taker {
    Use take(MetaTag tag);
  }

  /** From the whole name up to its host; ends at the first prefix that yields anything. */
  private void walk(String name, String kind, Taker taker) throws EngineException {
    EngineException first = null;
    String refused = "";
    Instant end = clock.instant().plus(WHOLE_WALK);
    for (String prefix = name; !prefix.isEmpty(); prefix = parent(prefix)) {
      boolean any = false;
      if (clock.instant().isAfter(end)) {
        throw EngineException.of(
            ErrorCode.NETWORK,
            "discovery failed for \"" + name + "\"",
            "no endpoints discovered within " + WHOLE_WALK.toMinutes() + " minutes");
      }
      try {
        for (MetaTag tag : MetaTag.of(page(prefix), kind, name)) {
          Use use = taker.take(tag);
          any |= use == Use.TAKEN;
          refused = use == Use.REFUSED && refused.isEmpty() ? tag.target() : refused;
        }
      } catch (IOException e) {
        diagnostics.debug("cannot read the discovery page of " + prefix + ": " + e.getMessage());
      } catch (EngineException e) {
        diagnostics.debug(e.why());
        first = first == null ? e : first;
      }
      if (any) {
        return;
      }
      diagnostics.debug("meta tag '" + kind + "' not found on " + prefix);
    }
    throw notFound(name, kind, first, refused);
  }

  /**
   * @param first what went wrong with the first page, null when nothing did
   * @param refused the first place that was left out; empty when none was
   */
  private EngineException notFound(
      String name, String kind, @Nullable EngineException first, String refused) {
    String why = "no endpoints discovered";
    String remedy = "";
    // For keys alone other options count.
    boolean images = kind.equals(MetaTag.IMAGES);
    if (!refused.isEmpty()) {
      why += "; " + shown(refused) + " is plain HTTP, which is not allowed";
      remedy = images ? HTTP_OPTION + " allows it" : "";
    } else if (first != null) {
      why += "; " + first.why();
      remedy = first.remedy();
      if (images && !plainHttp && first.why().endsWith("connection refused")) {
        remedy += " Plain HTTP is tried only with " + HTTP_OPTION;
      }
    }
    return EngineException.of(
        ErrorCode.NOT_FOUND, "discovery failed for \"" + name + "\"", why, remedy);
  }

  private static String parent(String prefix) {
    int slash = prefix.lastIndexOf('/');
    return slash < 0 ? "" : prefix.substring(0, slash);
  }

  private byte[] page(String prefix) throws EngineException {
    try {
      return pages.get(uri("https", prefix));
    } catch (EngineException e) {
      if (!plainHttp) {
        throw e;
      }
      diagnostics.debug(e.why() + ", trying http");
      return pages.get(uri("http", prefix));
    }
  }

  private static URI uri(String scheme, String prefix) throws EngineException {
    try {
      URI uri = new URI(scheme + "://" + prefix + "?ac-discovery=1");
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The same as a name whose first part is no host.
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND, "discover images at " + prefix, "\"" + prefix + "\" names no host");
  }

  static byte[] page(WebClient web, URI uri, boolean plainHttp) throws EngineException {
    String attempted = "read " + uri;
    try (Reply reply = web.document(attempted, uri, plainHttp)) {
      if (reply.status() != 200) {
        throw EngineException.of(
            ErrorCode.NETWORK,
            attempted,
            "expected a 200 OK got " + reply.status() + " from " + uri);
      }
      return reply.readAll(PAGE_BYTES);
    } catch (IOException e) {
      throw new EngineException(
          ErrorCode.NETWORK, attempted, "cannot read " + uri + ": " + e.getMessage(), "", e);
    }
  }
}
