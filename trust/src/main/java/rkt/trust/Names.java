package rkt.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.oci.DockerReference;

/** How subjects and prefixes are spelled, so that equal things compare equal. */
final class Names {
  private static final String[] LOCAL = {"oci:", "oci-archive:", "docker-archive:"};
  private static final String HTTPS_PORT = ":443";
  private static final String[] ALIASES = {"docker.io", "index.docker.io"};

  private Names() {}

  /**
   * Docker's own registry has three names; its API's is the one images are judged under. The port
   * of https goes without saying.
   */
  static String canonical(String name) {
    if (isLocal(name)) {
      return name;
    }
    int slash = name.indexOf('/');
    String host = slash < 0 ? name : name.substring(0, slash);
    String rest = name.substring(host.length());
    if (host.endsWith(HTTPS_PORT)) {
      String bare = host.substring(0, host.length() - HTTPS_PORT.length());
      if (bare.indexOf(':') < 0 || bare.endsWith("]")) {
        host = bare;
      }
    }
    for (String alias : ALIASES) {
      if (host.equals(alias)) {
        host = DockerReference.DEFAULT_HOST;
      }
    }
    return host + rest;
  }

  /** Whether a subject is an image from a local layout or archive. */
  static boolean isLocal(String name) {
    for (String local : LOCAL) {
      if (name.startsWith(local)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The canonical spellings of a prefix of the policy. There are two of a name without a slash in
   * Docker's own registry: {@code docker.io/debian} is the official image, as in references, and
   * {@code docker.io/example} may as well be all that a user of that name has there.
   *
   * @param links whether links in the path of a local prefix are followed, as they are in the paths
   *     of images
   * @throws SchemaException when no subject could ever have it: such a rule would silently protect
   *     nothing
   */
  static List<String> prefixes(String text, boolean links) {
    if (isLocal(text)) {
      return List.of(localPrefix(text, links));
    }
    check(text);
    String name = canonical(text);
    String own = DockerReference.DEFAULT_HOST + "/";
    if (name.startsWith(own)) {
      String repository = name.substring(own.length());
      if (repository.indexOf('/') < 0 && !repository.equals("library")) {
        return List.of(name, own + "library/" + repository);
      }
    }
    return List.of(name);
  }

  private static void check(String text) {
    if (text.contains("://")) {
      throw new SchemaException(
          "must be a name without a scheme: "
              + Texts.quote(text.substring(text.indexOf("://") + 3)));
    }
    if (text.indexOf('*') >= 0) {
      throw new SchemaException(
          "knows no wildcards: a prefix covers everything below it, and \"\" covers all");
    }
    if (text.indexOf('@') >= 0) {
      throw new SchemaException("must be a name without a digest");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c >= 'A' && c <= 'Z') || c <= ' ' || c >= 0x7f) {
        throw new SchemaException(
            "must be in lower case and without blanks, as names of images are: "
                + Texts.quote(text));
      }
    }
    if (text.startsWith("/") || text.endsWith("/") || text.contains("//")) {
      throw new SchemaException(
          "must not begin or end with a slash, nor have two in a row: a prefix covers what is below"
              + " it anyway");
    }
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    int colon = host.lastIndexOf(':');
    if (colon > host.lastIndexOf(']') && !isPort(host.substring(colon + 1))) {
      throw new SchemaException("has a bad port: " + Texts.quote(host.substring(colon + 1)));
    }
    if (slash >= 0 && text.indexOf(':', slash) >= 0) {
      throw new SchemaException("must be a name without a tag");
    }
  }

  private static boolean isPort(String text) {
    return !text.isEmpty() && Texts.isDigits(text) && text.length() <= 5 && text.charAt(0) != '0';
  }

  private static String localPrefix(String text, boolean links) {
    int colon = text.indexOf(':') + 1;
    String path = text.substring(colon);
    if (path.isEmpty()) {
      return text;
    }
    if (path.charAt(0) != '/' || path.indexOf('\0') >= 0) {
      throw new SchemaException("must have an absolute path: " + Texts.quote(path));
    }
    Path given = Path.of(path);
    if (!given.normalize().toString().equals(path)) {
      throw new SchemaException(
          "must have a path without \".\", \"..\" and needless slashes: "
              + Texts.quote(given.normalize().toString()));
    }
    if (!links) {
      return text;
    }
    try {
      return text.substring(0, colon) + given.toRealPath();
    } catch (IOException e) {
      // Not there, so no image is in there now.
      return text;
    }
  }
}
