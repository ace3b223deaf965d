package rkt.trust;

import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.oci.DockerReference;

/** How subjects and prefixes are spelled, so that equal things compare equal. */
final class Names {
  private static final String[] LOCAL = {"oci:", "oci-archive:", "docker-archive:"};
  private static final String[] ALIASES = {"docker.io", "index.docker.io"};

  private Names() {}

  /** Docker's own registry has three names; its API's is the one images are judged under. */
  static String canonical(String name) {
    for (String alias : ALIASES) {
      if (name.startsWith(alias)
          && (name.length() == alias.length() || name.charAt(alias.length()) == '/')) {
        return DockerReference.DEFAULT_HOST + name.substring(alias.length());
      }
    }
    return name;
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
   * The canonical spelling of a prefix of the policy.
   *
   * @throws SchemaException when no subject could ever have it: such a rule would silently protect
   *     nothing
   */
  static String prefix(String text) {
    if (isLocal(text)) {
      return text;
    }
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
    return canonical(text);
  }
}
