package rkt.image.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.image.registry.RegistryRule.ClientCertificate;

/**
 * How TLS is spoken to one host.
 *
 * @param anyCertificate every certificate and host name is accepted
 * @param authorities PEM files of authorities trusted beside the system's
 * @param client what to show when the server asks for a certificate
 */
record TlsSettings(
    boolean anyCertificate, List<Path> authorities, Optional<ClientCertificate> client) {
  /** The system's authorities and nothing else. */
  static final TlsSettings STRICT = new TlsSettings(false, List.of(), Optional.empty());

  TlsSettings {
    authorities = List.copyOf(authorities);
  }

  static TlsSettings anyone() {
    return new TlsSettings(true, List.of(), Optional.empty());
  }
}
