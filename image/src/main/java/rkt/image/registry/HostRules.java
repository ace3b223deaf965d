package rkt.image.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the command line and the rules say about speaking to a host: the registry's own repository
 * is asked for by its prefix, hosts we are sent to (token services, redirects) by their name alone.
 */
public final class HostRules {
  /** Nothing is configured. */
  static final HostRules NONE = new HostRules(false, false, RegistryRules.NONE, List.of());

  private final boolean plainHttp;
  private final boolean anyCertificate;
  private final RegistryRules rules;
  private final List<Place> places;

  /**
   * @param plainHttp plain HTTP may be spoken to everybody
   * @param anyCertificate nobody's certificate is verified
   * @param places the repositories that are spoken to
   */
  HostRules(boolean plainHttp, boolean anyCertificate, RegistryRules rules, List<Place> places) {
    this.plainHttp = plainHttp;
    this.anyCertificate = anyCertificate;
    this.rules = rules;
    this.places = List.copyOf(places);
  }

  /** Whether a URL may be asked over plain HTTP. */
  boolean plainHttp(URI uri) {
    return plainHttp || rule(uri).plainHttp().orElse(false);
  }

  /** Whether a repository may be spoken to over plain HTTP. */
  boolean plainHttp(Place place) {
    return plainHttp || rules.of(place.host(), place.repository()).plainHttp().orElse(false);
  }

  TlsSettings tls(URI uri) {
    String authority = uri.getRawAuthority();
    RegistryRule rule = rule(uri);
    if (anyCertificate || rule.anyCertificate().orElse(false)) {
      return new TlsSettings(true, List.of(), rule.client());
    }
    List<Path> authorities = new ArrayList<>(rule.authorities());
    authorities.addAll(CertificateDirectories.authorities(authority));
    return new TlsSettings(false, authorities, rule.client());
  }

  /**
   * Several repositories may be on one host, under different rules: the path tells which one is
   * meant. What else the host is asked for (tokens, places of redirects) is asked under the rule
   * they share, or else under that of the host alone: what was allowed for one of them is not
   * allowed for the others.
   */
  private RegistryRule rule(URI uri) {
    if (rules.byPrefix().isEmpty()) {
      return RegistryRule.NONE;
    }
    String host = uri.getRawAuthority().toLowerCase(Locale.ROOT);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    Set<RegistryRule> found = new HashSet<>();
    String longest = "";
    for (Place place : places) {
      if (place.host().equals(host)) {
        found.add(rules.of(host, place.repository()));
        boolean meant = path.startsWith("/v2/" + place.repository() + "/");
        if (meant && place.repository().length() > longest.length()) {
          longest = place.repository();
        }
      }
    }
    return longest.isEmpty() && found.size() == 1
        ? found.iterator().next()
        : rules.of(host, longest);
  }

  /** For tests and plain callers: the two options of the command line only. */
  static HostRules options(boolean plainHttp, boolean anyCertificate) {
    return new HostRules(plainHttp, anyCertificate, new RegistryRules(Map.of()), List.of());
  }
}
