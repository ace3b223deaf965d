package rkt.image.auth;

import java.util.Locale;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.oci.DockerReference;

/**
 * What registries are configured by: {@code host[:port]} or {@code host[:port]/path}. A prefix
 * matches whole path components only.
 */
public final class RepositoryPrefix {
  private RepositoryPrefix() {}

  /** Whether the prefix ends where a component of the name ends. */
  public static boolean covers(String prefix, String name) {
    return name.startsWith(prefix)
        && (name.length() == prefix.length() || name.charAt(prefix.length()) == '/');
  }

  /**
   * A prefix in the form to compare: the host in lower case, Docker's names for its registry
   * replaced by its address, no slash at the end.
   */
  public static String normalized(String prefix) {
    String text = prefix;
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    int slash = text.indexOf('/');
    String host = (slash < 0 ? text : text.substring(0, slash)).toLowerCase(Locale.ROOT);
    String path = slash < 0 ? "" : text.substring(slash);
    boolean hub = host.equals("docker.io") || host.equals("index.docker.io");
    return (hub ? DockerReference.DEFAULT_HOST : host) + path;
  }

  /** Whether a normalized text is {@code host[:port][/path]}. */
  public static boolean isPrefix(String normalized) {
    int slash = normalized.indexOf('/');
    String host = slash < 0 ? normalized : normalized.substring(0, slash);
    String path = slash < 0 ? "any" : normalized.substring(slash + 1);
    try {
      return !new DockerReference(host, path, Optional.empty(), Optional.empty()).host().isEmpty();
    } catch (SchemaException e) {
      return false;
    }
  }
}
