package rkt.image.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.oci.DockerReference;

/**
 * A repository in a registry, where content of an image can be had.
 *
 * @param host with a port if it is not the standard one
 */
record Place(String host, String repository) {
  static Place of(DockerReference reference) {
    return new Place(reference.host(), reference.repository());
  }

  /**
   * The mirrors of a repository in the order to ask them, then the repository itself.
   *
   * @throws EngineException REFUSED when it is blocked
   */
  static List<Place> of(String attempted, RegistryRules rules, Place origin)
      throws EngineException {
    if (blocked(rules, origin)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "the configuration blocks " + origin.host() + "/" + origin.repository(),
          "a file in registries.d says so; rkt config shows it");
    }
    List<Place> places = new ArrayList<>();
    for (String mirror : rules.mirrors(origin.host(), origin.repository())) {
      Place place = parse(attempted, mirror);
      if (!blocked(rules, place)) {
        places.add(place);
      }
    }
    places.add(origin);
    return places;
  }

  private static Place parse(String attempted, String mirror) throws EngineException {
    int slash = mirror.indexOf('/');
    try {
      if (slash > 0) {
        String host = mirror.substring(0, slash);
        String repository = mirror.substring(slash + 1);
        return of(new DockerReference(host, repository, Optional.empty(), Optional.empty()));
      }
    } catch (SchemaException e) {
      // As below.
    }
    throw EngineException.of(
        ErrorCode.INVALID,
        attempted,
        "the mirror \"" + mirror + "\" of registries.d names no repository",
        "a mirror of one repository needs a path: HOST[:PORT]/PATH");
  }

  private static boolean blocked(RegistryRules rules, Place place) {
    return rules.of(place.host(), place.repository()).blocked().orElse(false);
  }

  @Override
  public String toString() {
    return host + "/" + repository;
  }
}
