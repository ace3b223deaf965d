package rkt.image.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.image.auth.RepositoryPrefix;

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

  /**
   * Other places for a repository, in the order to ask them: {@code host[:port]/path}. The longest
   * prefix with mirrors decides, and each mirror stands for that prefix.
   */
  List<String> mirrors(String host, String repository) {
    List<String> places = new ArrayList<>();
    String name = host + "/" + repository;
    for (String prefix : matching(host, repository)) {
      List<String> mirrors = byPrefix.getOrDefault(prefix, RegistryRule.NONE).mirrors();
      if (!mirrors.isEmpty()) {
        places.clear();
        for (String mirror : mirrors) {
          places.add(mirror + name.substring(prefix.length()));
        }
      }
    }
    return places;
  }

  /** Every prefix that matches, the shortest first. */
  List<String> matching(String host, String repository) {
    List<String> found = new ArrayList<>();
    String name = host + "/" + repository;
    for (String prefix : byPrefix.keySet()) {
      if (RepositoryPrefix.covers(prefix, name)) {
        found.add(prefix);
      }
    }
    found.sort(Comparator.comparingInt(String::length));
    return found;
  }
}
