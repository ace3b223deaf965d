package rkt.pod.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The merged configuration.
 *
 * @param auth credentials by {@code host[:port]}
 * @param dockerAuth credentials by registry
 * @param dataDir {@code paths.data}
 * @param stage1Images {@code paths.stage1-images}
 * @param runtime the OCI runtime to use, instead of looking for one
 */
public record Config(
    Map<String, AuthEntry> auth,
    Map<String, DockerAuth> dockerAuth,
    Optional<Path> dataDir,
    Optional<Path> stage1Images,
    Stage1Default stage1,
    Optional<Path> runtime) {

  /** Nothing configured. */
  public static final Config EMPTY =
      new Config(
          Map.of(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          Stage1Default.NONE,
          Optional.empty());

  public Config {
    auth = Collections.unmodifiableMap(new LinkedHashMap<>(auth));
    dockerAuth = Collections.unmodifiableMap(new LinkedHashMap<>(dockerAuth));
  }

  /**
   * The default stage1; empty strings where nothing is configured. Name and version come together.
   */
  public record Stage1Default(String name, String version, String location) {
    public static final Stage1Default NONE = new Stage1Default("", "", "");
  }

  /** A user and a password for a registry. */
  public record DockerAuth(String user, String password) {
    @Override
    public String toString() {
      return "DockerAuth[user=" + user + "]";
    }
  }

  /** Credentials for a domain. {@code toString} tells no secret. */
  public sealed interface AuthEntry {
    /** {@code Authorization: Basic}. */
    record Basic(String user, String password) implements AuthEntry {
      @Override
      public String toString() {
        return "Basic[user=" + user + "]";
      }
    }

    /** {@code Authorization: Bearer}. */
    record OAuth(String token) implements AuthEntry {
      @Override
      public String toString() {
        return "OAuth[]";
      }
    }

    /**
     * AWS request signing, version 4.
     *
     * @param region empty: to be guessed from the host
     */
    record Aws(String accessKeyId, String secretAccessKey, String region) implements AuthEntry {
      @Override
      public String toString() {
        return "Aws[accessKeyId=" + accessKeyId + "]";
      }
    }
  }

  /** This configuration with another one, of a more important directory, over it, item by item. */
  Config overriddenBy(Config other) {
    Map<String, AuthEntry> auths = new LinkedHashMap<>(auth);
    auths.putAll(other.auth);
    Map<String, DockerAuth> registries = new LinkedHashMap<>(dockerAuth);
    registries.putAll(other.dockerAuth);
    Stage1Default over = other.stage1;
    return new Config(
        auths,
        registries,
        other.dataDir.isPresent() ? other.dataDir : dataDir,
        other.stage1Images.isPresent() ? other.stage1Images : stage1Images,
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
