package rkt.image;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.FileImage;
import rkt.image.ImageString.HashImage;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageString.NameImage;
import rkt.image.ImageString.UrlImage;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Urls;
import rkt.schema.appc.ImageName;
import rkt.schema.oci.DockerReference;

/**
 * Decides what an image argument means. The order of the questions is the ancestor's and part of
 * the interface; what is new ({@code oci:} and its kin, registry references without {@code
 * docker://}) takes only strings that were no sensible appc names. Such a name can always be
 * written with {@code ,version=}.
 */
public final class ImageStrings {
  private ImageStrings() {}

  /**
   * Reads an image argument; whether a file of that name exists is part of the answer.
   *
   * @throws EngineException INVALID when the argument means nothing
   */
  public static ImageString parse(String text) throws EngineException {
    return parse(text, Path.of(""));
  }

  /** As {@link #parse(String)} with relative paths resolved against {@code workingDirectory}. */
  static ImageString parse(String text, Path workingDirectory) throws EngineException {
    if (text.isEmpty()) {
      throw invalid(text, "it is empty");
    }
    if (text.indexOf('\0') >= 0) {
      throw invalid(text, "it contains a NUL byte");
    }
    if (isHash(text)) {
      return new HashImage(text);
    }
    String scheme = scheme(text);
    return switch (scheme) {
      case "" -> guess(text, workingDirectory);
      case "file" -> fileUrl(text);
      case "http", "https" -> url(text);
      case "docker" -> docker(text);
      case "cimd" -> DistributionUris.parse(text);
      case "oci" -> layout(LayoutImage.Kind.OCI, text, workingDirectory);
      case "oci-archive" -> layout(LayoutImage.Kind.OCI_ARCHIVE, text, workingDirectory);
      case "docker-archive" -> layout(LayoutImage.Kind.DOCKER_ARCHIVE, text, workingDirectory);
      default -> isRegistryReference(text) ? docker(text) : name(text);
    };
  }

  /**
   * {@code sha512-} or {@code sha256-} and a value without a further dash; the value's digits are
   * the store's business.
   */
  private static boolean isHash(String text) {
    return (text.startsWith("sha512-") || text.startsWith("sha256-"))
        && text.length() > 7
        && text.indexOf('-', 7) < 0
        && text.indexOf('/') < 0
        && text.indexOf(':') < 0;
  }

  /** What RFC 3986 calls a scheme, lower-cased; empty when the text has none. */
  static String scheme(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (c == ':') {
        return text.substring(0, i).toLowerCase(Locale.ROOT);
      }
      if (!letter && (i == 0 || !later)) {
        return "";
      }
    }
    return "";
  }

  private static ImageString guess(String text, Path workingDirectory) throws EngineException {
    if (text.charAt(0) == '/') {
      return file(Path.of(text), text);
    }
    Path path = workingDirectory.resolve(text).toAbsolutePath();
    if (Files.isRegularFile(path)) {
      return file(path, text);
    }
    if (text.indexOf(':') >= 0) {
      return isRegistryReference(text) ? docker(text) : name(text);
    }
    if (text.contains("./") || text.endsWith(".aci")) {
      return file(path, text);
    }
    return name(text);
  }

  /**
   * Whether a text can only mean an image in a registry: {@code HOST.DOMAIN:PORT/NAME}, {@code
   * localhost:PORT/NAME} or anything with a digest. Without a port a host looks like the first part
   * of an appc name, and stays one.
   */
  private static boolean isRegistryReference(String text) {
    if (text.indexOf(',') >= 0) {
      return false;
    }
    if (endsInDigest(text)) {
      return true;
    }
    int slash = text.indexOf('/');
    int colon = text.indexOf(':');
    if (colon < 0 || slash < colon) {
      return false;
    }
    String host = text.substring(0, colon);
    return (host.indexOf('.') > 0 || host.equals("localhost"))
        && isPort(text.substring(colon + 1, slash));
  }

  private static boolean endsInDigest(String text) {
    int at = text.lastIndexOf("@sha256:");
    if (at < 1 || text.length() - at != "@sha256:".length() + 64) {
      return false;
    }
    for (int i = text.length() - 64; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPort(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= 5;
  }

  /** {@code SCHEME:PATH[:REF]}; both may have colons of their own. */
  private static LayoutImage layout(LayoutImage.Kind kind, String text, Path workingDirectory)
      throws EngineException {
    String rest = text.substring(kind.scheme().length() + 1);
    int colon = pathEnd(rest, workingDirectory);
    String path = colon < 0 ? rest : rest.substring(0, colon);
    String ref = colon < 0 ? "" : rest.substring(colon + 1);
    if (path.isEmpty()) {
      throw invalid(text, "a path must follow " + kind.scheme() + ":");
    }
    if (colon >= 0 && ref.isEmpty()) {
      throw invalid(text, "no reference follows the last colon");
    }
    return layout(kind, workingDirectory.resolve(path), ref, text);
  }

  /** The first colon before which something exists; if nothing does, the first of all. */
  private static int pathEnd(String rest, Path workingDirectory) {
    int first = rest.indexOf(':');
    for (int colon = first; colon >= 0; colon = rest.indexOf(':', colon + 1)) {
      if (colon > 0 && Files.exists(workingDirectory.resolve(rest.substring(0, colon)))) {
        return colon;
      }
    }
    return first >= 0 && Files.exists(workingDirectory.resolve(rest)) ? -1 : first;
  }

  static LayoutImage layout(LayoutImage.Kind kind, Path path, String ref, String text)
      throws EngineException {
    for (int i = 0; i < ref.length(); i++) {
      if (ref.charAt(i) <= ' ' || ref.charAt(i) > '~') {
        throw invalid(text, "a reference has only printable ASCII characters");
      }
    }
    return new LayoutImage(kind, path.toAbsolutePath().normalize(), ref, text);
  }

  private static FileImage file(Path path, String text) throws EngineException {
    Path clean = path.toAbsolutePath().normalize();
    if (!clean.toString().endsWith(".aci")) {
      throw invalid("file://" + clean, "an image file must end in .aci");
    }
    return new FileImage(clean, text);
  }

  private static FileImage fileUrl(String text) throws EngineException {
    URI uri = uri(text);
    String path = uri.getPath();
    String host = uri.getHost();
    if (path == null || !path.startsWith("/")) {
      throw invalid(text, "a file URL needs an absolute path");
    }
    if (host != null && !host.isEmpty() && !host.equals("localhost")) {
      throw invalid(text, "a file URL may not name a host");
    }
    if (!path.endsWith(".aci") || path.indexOf('\0') >= 0) {
      throw invalid(text, "an image file must end in .aci");
    }
    return new FileImage(Path.of(path).normalize(), text);
  }

  static UrlImage url(String text) throws EngineException {
    URI uri = uri(text);
    String path = uri.getPath();
    String authority = uri.getRawAuthority();
    if (authority != null && authority.indexOf('@') >= 0) {
      throw userGiven(text);
    }
    if (uri.getHost() == null) {
      throw invalid(text, "the URL names no host");
    }
    if (path == null || !path.endsWith(".aci")) {
      throw invalid(text, "the path of an image URL must end in .aci");
    }
    return new UrlImage(uri, text);
  }

  static DockerImage docker(String text) throws EngineException {
    try {
      return new DockerImage(DockerReference.parse(text), text);
    } catch (SchemaException e) {
      if (Urls.seemsToHaveUser(text)) {
        throw userGiven(text);
      }
      throw EngineException.of(
          ErrorCode.INVALID,
          "invalid image string \"" + text + "\"",
          String.valueOf(e.getMessage()));
    }
  }

  /** {@code NAME[:VERSION][,LABEL=VALUE...]}. */
  static NameImage name(String text) throws EngineException {
    try {
      ImageName name = ImageName.parse(text);
      return new NameImage(name.name(), name.labels(), text);
    } catch (SchemaException e) {
      throw Urls.seemsToHaveUser(text)
          ? userGiven(text)
          : invalid(text, String.valueOf(e.getMessage()));
    }
  }

  private static URI uri(String text) throws EngineException {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw invalid(text, e.getReason());
    }
  }

  /** The message tells neither of them, nor what a parser would quote. */
  private static EngineException userGiven(String text) {
    return EngineException.of(
        ErrorCode.INVALID,
        "invalid image string \"" + Urls.shownRefused(text) + "\"",
        "it seems to contain a user or password",
        "give them in auth.d of the configuration directory, or by docker login or podman login");
  }

  static EngineException invalid(String text, String why) {
    return EngineException.of(
        ErrorCode.INVALID,
        "invalid image string \"" + Urls.shownRefused(text) + "\"",
        why,
        "name a file.aci, an http(s) URL of one, docker://[HOST[:PORT]/]NAME[:TAG|@DIGEST],"
            + " oci:DIR[:REF], oci-archive:FILE[:REF], docker-archive:FILE[:REF], an image ID or an"
            + " appc name");
  }
}
