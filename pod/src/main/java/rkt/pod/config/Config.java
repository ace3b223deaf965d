package rkt.pod.config;

import java.nio.file.Path;
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

  /** The default stage1; empty strings where nothing is configured. */
  public record Stage1Default(String name, String version, String location) {}

  /** A user and a password for a registry. */
  public record DockerAuth(String user, String password) {
    @Override
    public String toString() {
      return "DockerAuth[user=" + user + "]";
    }
  }

  /** Credentials for a domain. {@code toString} tells none of them. */
  public sealed interface AuthEntry {
    record Basic(String user, String password) implements AuthEntry {
      @Override
      public String toString() {
        return "Basic[user=" + user + "]";
      }
    }

    record OAuth(String token) implements AuthEntry {
      @Override
      public String toString() {
        return "OAuth[]";
      }
    }

    record Aws(String accessKeyId, String secretAccessKey, String region) implements AuthEntry {
      @Override
      public String toString() {
        return "Aws[accessKeyId=" + accessKeyId + "]";
      }
    }
  }

  public static final Config EMPTY =
      new Config(
          Map.of(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          new Stage1Default("", "", ""),
          Optional.empty());

  /** What {@code rkt config} prints. */
  public String toJson(boolean pretty, boolean showSecrets) {
    throw new UnsupportedOperationException();
  }
}
