package rkt.schema.oci;

import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * The name of an image in a registry: {@code [REGISTRY_HOST[:PORT]/]NAME[:TAG|@DIGEST]}, expanded.
 *
 * @param host registry host and port, lower case; {@value #DEFAULT_HOST} when not given
 * @param repository name within the registry; {@code library/} precedes bare names of the default
 *     registry
 * @param tag {@code latest} when neither tag nor digest is given; beside a digest it is for people
 *     only
 */
public record DockerReference(
    String host, String repository, Optional<String> tag, Optional<Digest> digest) {
  public static final String DEFAULT_HOST = "registry-1.docker.io";
  public static final String DEFAULT_TAG = "latest";

  private static final String OFFICIAL = "library/";

  public DockerReference {
    DockerGrammar.checkHost(host);
    DockerGrammar.checkRepository(repository);
    if (tag.isPresent()) {
      DockerGrammar.checkTag(tag.get());
    } else if (digest.isEmpty()) {
      tag = Optional.of(DEFAULT_TAG);
    }
  }

  /** Reads a reference, with or without {@code docker://} or {@code docker:} before it. */
  public static DockerReference parse(String text) {
    try {
      return expand(withoutScheme(text));
    } catch (SchemaException e) {
      throw new SchemaException(
          "invalid docker URL "
              + Texts.quote(text)
              + "; expected syntax is docker://[REGISTRY_HOST[:REGISTRY_PORT]/]IMAGE_NAME[:TAG|@DIGEST]: "
              + e.getMessage(),
          e);
    }
  }

  private static String withoutScheme(String text) {
    if (text.startsWith("docker://")) {
      return text.substring("docker://".length());
    }
    return text.startsWith("docker:") ? text.substring("docker:".length()) : text;
  }

  private static DockerReference expand(String text) {
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    String host = DEFAULT_HOST;
    int slash = rest.indexOf('/');
    if (slash >= 0 && looksLikeHost(rest.substring(0, slash))) {
      host = official(DockerGrammar.lowerCase(rest.substring(0, slash)));
      rest = rest.substring(slash + 1);
    }
    if (host.equals(DEFAULT_HOST) && rest.indexOf('/') < 0) {
      DockerGrammar.checkRepository(rest);
      rest = OFFICIAL + rest;
    }
    return new DockerReference(host, rest, tag, digest);
  }

  /** Docker's rule: a host has a dot or a port, or is {@code localhost}. */
  private static boolean looksLikeHost(String component) {
    return component.indexOf('.') >= 0
        || component.indexOf(':') >= 0
        || component.equals("localhost");
  }

  /** Docker's own names for its registry. */
  private static String official(String host) {
    return host.equals("docker.io") || host.equals("index.docker.io") ? DEFAULT_HOST : host;
  }

  /** {@code host/name:tag}, or {@code host/name@digest} when there is a digest. */
  public String canonical() {
    return host + "/" + repository + suffix(tag.orElse(DEFAULT_TAG), false);
  }

  /** The shortest text that means the same: default registry, {@code library/} and tag left out. */
  public String familiar() {
    String name = repository;
    boolean bare = name.startsWith(OFFICIAL) && name.indexOf('/', OFFICIAL.length()) < 0;
    if (!host.equals(DEFAULT_HOST)) {
      name = host + "/" + name;
    } else if (bare) {
      name = name.substring(OFFICIAL.length());
    } else if (looksLikeHost(name.substring(0, Math.max(0, name.indexOf('/'))))) {
      name = host + "/" + name;
    }
    return name + suffix(tag.orElse(DEFAULT_TAG), true);
  }

  private String suffix(String actualTag, boolean dropDefault) {
    if (digest.isPresent()) {
      return "@" + digest.get();
    }
    return dropDefault && actualTag.equals(DEFAULT_TAG) ? "" : ":" + actualTag;
  }

  /** {@link #canonical}. */
  @Override
  public String toString() {
    return canonical();
  }
}
