package rkt.image;

import java.util.Optional;
import rkt.image.auth.Credentials;
import rkt.image.registry.RegistryLimits;
import rkt.image.registry.RegistryRules;
import rkt.schema.oci.Platform;
import rkt.trust.Trust;

/**
 * How images may be found: what is not checked, when the network is used, who is told, and whom we
 * trust. Every part has a default; the {@code with} methods change one of them.
 *
 * @param userAgent what servers are told, {@code rkt/VERSION}
 * @param limits bounds on what a server may cost us
 * @param credentials who we are to servers
 * @param registries mirrors and exceptions of registries
 * @param trust what images must show, and who judges it
 * @param platform which entry of an image index is wanted; absent: this machine's
 * @param keys what happens to public keys that were discovered
 */
public record FetchOptions(
    InsecureOptions insecure,
    PullPolicy pullPolicy,
    Diagnostics diagnostics,
    String userAgent,
    RegistryLimits limits,
    Credentials credentials,
    RegistryRules registries,
    Trust trust,
    Optional<Platform> platform,
    DiscoveredKeys keys) {

  /** Without credentials, rules or any trusted key. */
  public FetchOptions(
      InsecureOptions insecure, PullPolicy pullPolicy, Diagnostics diagnostics, String userAgent) {
    this(insecure, pullPolicy, diagnostics, userAgent, RegistryLimits.DEFAULT);
  }

  public FetchOptions(
      InsecureOptions insecure,
      PullPolicy pullPolicy,
      Diagnostics diagnostics,
      String userAgent,
      RegistryLimits limits) {
    this(
        insecure,
        pullPolicy,
        diagnostics,
        userAgent,
        limits,
        Credentials.NONE,
        RegistryRules.NONE,
        new NoKeys(insecure),
        Optional.empty(),
        DiscoveredKeys.IGNORED);
  }

  public FetchOptions withCredentials(Credentials value) {
    return with(value, registries, trust, platform, keys);
  }

  public FetchOptions withRegistries(RegistryRules value) {
    return with(credentials, value, trust, platform, keys);
  }

  public FetchOptions withTrust(Trust value) {
    return with(credentials, registries, value, platform, keys);
  }

  public FetchOptions withPlatform(Optional<Platform> value) {
    return with(credentials, registries, trust, value, keys);
  }

  public FetchOptions withKeys(DiscoveredKeys value) {
    return with(credentials, registries, trust, platform, value);
  }

  public FetchOptions withInsecure(InsecureOptions value) {
    return new FetchOptions(
        value,
        pullPolicy,
        diagnostics,
        userAgent,
        limits,
        credentials,
        registries,
        trust,
        platform,
        keys);
  }

  private FetchOptions with(
      Credentials newCredentials,
      RegistryRules newRegistries,
      Trust newTrust,
      Optional<Platform> newPlatform,
      DiscoveredKeys newKeys) {
    return new FetchOptions(
        insecure,
        pullPolicy,
        diagnostics,
        userAgent,
        limits,
        newCredentials,
        newRegistries,
        newTrust,
        newPlatform,
        newKeys);
  }
}
