package rkt.image.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

  /**
   * @param authority {@code host[:port]} as in a URL
   */
  boolean plainHttp(String authority) {
    return plainHttp || rule(authority).plainHttp().orElse(false);
  }

  TlsSettings tls(String authority) {
    RegistryRule rule = rule(authority);
    if (anyCertificate || rule.anyCertificate().orElse(false)) {
      return new TlsSettings(true, List.of(), rule.client());
    }
    List<Path> authorities = new ArrayList<>(rule.authorities());
    authorities.addAll(CertificateDirectories.authorities(authority));
    return new TlsSettings(false, authorities, rule.client());
  }

  private RegistryRule rule(String authority) {
    String host = authority.toLowerCase(Locale.ROOT);
    if (rules.byPrefix().isEmpty()) {
      return RegistryRule.NONE;
    }
    for (Place place : places) {
      if (place.host().equals(host)) {
        return rules.of(host, place.repository());
      }
    }
    return rules.of(host, "");
  }

  /** For tests and plain callers: the two options of the command line only. */
  static HostRules options(boolean plainHttp, boolean anyCertificate) {
    return new HostRules(plainHttp, anyCertificate, new RegistryRules(Map.of()), List.of());
  }
}
