package rkt.image.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is configured for the registries or repositories below one prefix; what is empty is left to
 * a shorter prefix. Part of the configuration: loading it must cost nothing.
 *
 * @param mirrors places to ask first, {@code host[:port][/path]}: each stands for the prefix
 * @param plainHttp plain HTTP may be spoken
 * @param anyCertificate TLS certificates are not verified
 * @param blocked nothing is pulled from there
 * @param authorities PEM files of authorities trusted beside the system's
 * @param client what to show to a registry that asks for a certificate
 * @param parallel layers downloaded at the same time
 */
public record RegistryRule(
    List<String> mirrors,
    Optional<Boolean> plainHttp,
    Optional<Boolean> anyCertificate,
    Optional<Boolean> blocked,
    List<Path> authorities,
    Optional<ClientCertificate> client,
    Optional<Integer> parallel) {
  /** Nothing is configured. */
  public static final RegistryRule NONE =
      new RegistryRule(
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  /** Two PEM files: a certificate with its chain, and its private key (PKCS#8). */
  public record ClientCertificate(Path certificate, Path key) {}

  public RegistryRule {
    mirrors = List.copyOf(mirrors);
    authorities = List.copyOf(authorities);
  }

  /** This rule with a more particular one over it, item by item. */
  RegistryRule overriddenBy(RegistryRule other) {
    return new RegistryRule(
        other.mirrors.isEmpty() ? mirrors : other.mirrors,
        other.plainHttp.isPresent() ? other.plainHttp : plainHttp,
        other.anyCertificate.isPresent() ? other.anyCertificate : anyCertificate,
        other.blocked.isPresent() ? other.blocked : blocked,
        other.authorities.isEmpty() ? authorities : other.authorities,
        other.client.isPresent() ? other.client : client,
        other.parallel.isPresent() ? other.parallel : parallel);
  }
}
