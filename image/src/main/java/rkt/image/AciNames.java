package rkt.image;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import rkt.image.discovery.Discovery;
import rkt.image.discovery.Endpoint;
import rkt.image.http.WebClient;
import rkt.schema.EngineException;
import rkt.schema.Urls;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Labels;
import rkt.schema.appc.OsArch;
import rkt.store.ImageRecord;
import rkt.trust.Demand;
import rkt.trust.Subject;

/** Fetches ACIs by name: discovery, keys, and then one mirror after the other. */
final class AciNames {
  /** Each of many places may fail as slowly as it likes to. */
  private static final Duration ALL_PLACES = Duration.ofMinutes(30);

  private final FetchOptions options;
  private final Diagnostics diagnostics;
  private final AciUrls urls;
  private final WebClient web;
  private final InstantSource clock;

  AciNames(FetchOptions options, AciUrls urls, WebClient web) {
    this(options, urls, web, InstantSource.system());
  }

  AciNames(FetchOptions options, AciUrls urls, WebClient web, InstantSource clock) {
    this.clock = clock;
    this.options = options;
    this.diagnostics = options.diagnostics();
    this.urls = urls;
    this.web = web;
  }

  /**
   * What to fetch.
   *
   * @param text as the user or the manifest wrote it, for messages
   * @param expected what must come; its labels go into the templates, with this machine's os and
   *     arch where they are missing
   */
  record Wanted(
      String text,
      AcIdentifier name,
      ExpectedImage expected,
      Optional<Path> localSignature,
      long maxBytes) {}

  ImageRecord fetch(Wanted wanted) throws EngineException {
    diagnostics.debug("searching for app image " + wanted.text());
    Labels labels = OsArch.withHostDefaults(wanted.expected().labels());
    List<Endpoint> endpoints = discover(wanted, labels);
    boolean judged =
        !(options.trust().demand(Subject.aci(wanted.name().value())) instanceof Demand.Nothing);
    if (judged && wanted.localSignature().isEmpty()) {
      fetchKeys(wanted.name().value());
    }
    TriedPlaces tried = new TriedPlaces();
    TryingTime time = new TryingTime(clock, ALL_PLACES);
    for (Endpoint endpoint : endpoints) {
      if (tried.any() && time.isUp()) {
        diagnostics.warn("no further place is tried after " + ALL_PLACES.toMinutes() + " minutes");
        break;
      }
      try {
        return urls.fetch(
            new AciUrls.Wanted(
                endpoint.image(),
                endpoint.signature(),
                wanted.localSignature(),
                plainHttp(),
                wanted.expected(),
                wanted.expected().labels().get("version").isEmpty(),
                wanted.maxBytes()));
      } catch (EngineException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        if (endpoints.size() > 1) {
          diagnostics.warn(Urls.shown(endpoint.image().toString()) + ": " + e.why());
        }
        tried.failed(Urls.shown(endpoint.image().toString()), e);
      }
    }
    // Discovery says so itself when it finds nothing.
    throw tried.failure();
  }

  private boolean plainHttp() {
    return options.insecure().has(InsecureOption.HTTP);
  }

  private List<Endpoint> discover(Wanted wanted, Labels labels) throws EngineException {
    try {
      return new Discovery(web, plainHttp(), diagnostics).images(wanted.name(), labels);
    } catch (EngineException e) {
      throw new EngineException(
          e.code(),
          "discovery failed for \"" + wanted.text() + "\"",
          e.why(),
          e.remedy() + registryHint(wanted, e.remedy().isEmpty() ? "" : "; "),
          e.getCause());
    }
  }

  /** Who writes {@code busybox:1} means no web server of that name. */
  private static String registryHint(Wanted wanted, String before) {
    String name = wanted.name().value();
    int slash = name.indexOf('/');
    String host = slash < 0 ? name : name.substring(0, slash);
    if (host.indexOf('.') >= 0 || host.equals("localhost")) {
      return "";
    }
    String tag = wanted.expected().labels().get("version").map(version -> ":" + version).orElse("");
    return before + "an image of a registry is docker://" + name + tag;
  }

  /** As the ancestor: a key that anybody may have replaced on the way is not even looked at. */
  private void fetchKeys(String name) throws EngineException {
    if (!options.insecure().has(InsecureOption.TLS)
        || options.insecure().has(InsecureOption.PUBKEY)) {
      options.keys().fetchFor(name);
    }
  }
}
