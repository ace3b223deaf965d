package rkt.image.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.oci.DockerReference;

/**
 * Rules by prefix: {@code host[:port]} or {@code host[:port]/path}. A prefix matches whole path
 * components only, and of several the longest wins, item by item.
 */
public record RegistryRules(Map<String, RegistryRule> byPrefix) {
  /** Nothing is configured. */
  public static final RegistryRules NONE = new RegistryRules(Map.of());

  public RegistryRules {
    byPrefix = Collections.unmodifiableMap(new LinkedHashMap<>(byPrefix));
  }

  /** What holds for one repository. */
  RegistryRule of(String host, String repository) {
    RegistryRule merged = RegistryRule.NONE;
    for (String prefix : matching(host, repository)) {
      merged = merged.overriddenBy(byPrefix.getOrDefault(prefix, RegistryRule.NONE));
    }
    return merged;
  }

  /** Every prefix that matches, the shortest first. */
  List<String> matching(String host, String repository) {
    List<String> found = new ArrayList<>();
    String name = host + "/" + repository;
    for (String prefix : byPrefix.keySet()) {
      if (covers(prefix, name)) {
        found.add(prefix);
      }
    }
    found.sort(Comparator.comparingInt(String::length));
    return found;
  }

  /** Whether a prefix ends where a component of the name ends. */
  static boolean covers(String prefix, String name) {
    return name.startsWith(prefix)
        && (name.length() == prefix.length() || name.charAt(prefix.length()) == '/');
  }

  /**
   * A prefix in the form the rules compare: the host in lower case, Docker's names for its registry
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
