package rkt.image.auth;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import rkt.schema.EngineException;

/**
 * Credentials from rkt's own configuration, then from where {@code docker login} and {@code podman
 * login} left theirs. For any number of threads.
 */
public final class ConfiguredCredentials implements Credentials {
  private final Map<String, Credential> domains = new HashMap<>();
  private final Map<String, Credential> registries = new HashMap<>();
  private final DockerLogins logins;

  /**
   * @param auth of kind {@code auth}, by {@code host[:port]}
   * @param dockerAuth of kind {@code dockerAuth}, by registry or repository prefix
   */
  public ConfiguredCredentials(
      Map<String, ? extends Credential> auth,
      Map<String, ? extends Credential> dockerAuth,
      DockerLogins logins) {
    for (Map.Entry<String, ? extends Credential> entry : auth.entrySet()) {
      domains.put(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue());
    }
    for (Map.Entry<String, ? extends Credential> entry : dockerAuth.entrySet()) {
      registries.put(DockerLoginFile.place(entry.getKey()), entry.getValue());
    }
    this.logins = logins;
  }

  @Override
  public Optional<Credential> forHost(String hostPort) {
    return Optional.ofNullable(domains.get(hostPort.toLowerCase(Locale.ROOT)));
  }

  @Override
  public Optional<Credential> forRepository(String host, String repository) throws EngineException {
    Optional<Credential> configured = longest(registries, host, repository);
    return configured.isPresent() ? configured : logins.find(host, repository);
  }

  /** Of all prefixes that cover the repository, the longest one's credential. */
  static Optional<Credential> longest(
      Map<String, ? extends Credential> byPrefix, String host, String repository) {
    String name = host + "/" + repository;
    while (true) {
      Credential found = byPrefix.get(name);
      if (found != null) {
        return Optional.of(found);
      }
      int slash = name.lastIndexOf('/');
      if (slash < 0) {
        return Optional.empty();
      }
      name = name.substring(0, slash);
    }
  }
}
