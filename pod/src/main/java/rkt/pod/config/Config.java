package rkt.pod.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.auth.Credential;
import rkt.image.registry.RegistryRule;
import rkt.image.registry.RegistryRules;

/**
 * The merged configuration.
 *
 * @param auth credentials by {@code host[:port]}
 * @param dockerAuth credentials by registry or repository prefix, as written
 * @param registries mirrors, certificates and the like by registry or repository prefix
 * @param dataDir {@code paths.data}
 * @param stage1Images {@code paths.stage1-images}
 * @param netPlugins {@code paths.net-plugins}: where plugins of networks are, before the usual
 *     places
 * @param runtime the OCI runtime to use, instead of looking for one
 */
public record Config(
    Map<String, Credential> auth,
    Map<String, Credential.Basic> dockerAuth,
    RegistryRules registries,
    Optional<Path> dataDir,
    Optional<Path> stage1Images,
    List<Path> netPlugins,
    Stage1Default stage1,
    Optional<Path> runtime) {

  /** Nothing configured. */
  public static final Config EMPTY =
      new Config(
          Map.of(),
          Map.of(),
          RegistryRules.NONE,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Stage1Default.NONE,
          Optional.empty());

  public Config {
    auth = Collections.unmodifiableMap(new LinkedHashMap<>(auth));
    dockerAuth = Collections.unmodifiableMap(new LinkedHashMap<>(dockerAuth));
    netPlugins = List.copyOf(netPlugins);
  }

  /**
   * The default stage1; empty strings where nothing is configured. Name and version come together.
   */
  public record Stage1Default(String name, String version, String location) {
    public static final Stage1Default NONE = new Stage1Default("", "", "");
  }

  /** This configuration with another one, of a more important directory, over it, item by item. */
  Config overriddenBy(Config other) {
    Map<String, Credential> auths = new LinkedHashMap<>(auth);
    auths.putAll(other.auth);
    Map<String, Credential.Basic> dockerAuths = new LinkedHashMap<>(dockerAuth);
    dockerAuths.putAll(other.dockerAuth);
    Map<String, RegistryRule> rules = new LinkedHashMap<>(registries.byPrefix());
    rules.putAll(other.registries.byPrefix());
    Stage1Default over = other.stage1;
    return new Config(
        auths,
        dockerAuths,
        new RegistryRules(rules),
        other.dataDir.isPresent() ? other.dataDir : dataDir,
        other.stage1Images.isPresent() ? other.stage1Images : stage1Images,
        other.netPlugins.isEmpty() ? netPlugins : other.netPlugins,
        new Stage1Default(
            over.name().isEmpty() ? stage1.name() : over.name(),
            over.name().isEmpty() ? stage1.version() : over.version(),
            over.location().isEmpty() ? stage1.location() : over.location()),
        other.runtime.isPresent() ? other.runtime : runtime);
  }

  /**
   * What {@code rkt config} prints. Secrets are masked unless {@code showSecrets}: outputs end up
   * in bug reports.
   */
  public String toJson(boolean pretty, boolean showSecrets) {
    return new ConfigPrinter(showSecrets).print(this, pretty);
  }
}
