package rkt.image;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.FileImage;
import rkt.image.ImageString.HashImage;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageString.NameImage;
import rkt.image.ImageString.UrlImage;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Label;

/** The canonical name of where an image comes from: {@code cimd:TYPE:v=N:DATA}. */
public final class DistributionUris {
  private static final String SCHEME = "cimd:";
  private static final String FILE = "file://";
  private static final String REF = "ref=";

  private DistributionUris() {}

  /** Reads a distribution URI back into the image string it stands for. */
  public static ImageString parse(String text) throws EngineException {
    if (!text.startsWith(SCHEME)) {
      throw refuse(text, "unsupported scheme: \"" + ImageStrings.scheme(text) + "\"");
    }
    int typeEnd = text.indexOf(':', SCHEME.length());
    int versionEnd = typeEnd < 0 ? -1 : text.indexOf(':', typeEnd + 1);
    if (versionEnd < 0) {
      throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
    }
    String version = text.substring(typeEnd + 1, versionEnd);
    if (!version.equals("v=0")) {
      throw refuse(text, "malformed distribution version: " + version);
    }
    String type = text.substring(SCHEME.length(), typeEnd);
    String data = text.substring(versionEnd + 1);
    return switch (type) {
      case "appc" -> appc(text, data);
      case "aci-archive" -> archive(text, decode(text, data));
      case "docker" -> ImageStrings.docker("docker://" + data);
      case "oci" -> layout(LayoutImage.Kind.OCI, text, data);
      case "oci-archive" -> layout(LayoutImage.Kind.OCI_ARCHIVE, text, data);
      case "docker-archive" -> layout(LayoutImage.Kind.DOCKER_ARCHIVE, text, data);
      default -> throw refuse(text, "unknown distribution type: \"" + type + "\"");
    };
  }

  /** The escaped file URL of the layout or archive, and {@code ?ref=} when one is named. */
  private static LayoutImage layout(LayoutImage.Kind kind, String text, String data)
      throws EngineException {
    int question = data.indexOf('?');
    String url = decode(text, question < 0 ? data : data.substring(0, question));
    String query = question < 0 ? "" : data.substring(question + 1);
    if (!url.startsWith(FILE + "/")
        || url.indexOf('\0') >= 0
        || (question >= 0 && (!query.startsWith(REF) || query.length() == REF.length()))) {
      throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
    }
    String ref = query.isEmpty() ? "" : decode(text, query.substring(REF.length()));
    return ImageStrings.layout(kind, Path.of(url.substring(FILE.length())), ref, text);
  }

  private static ImageString archive(String text, String url) throws EngineException {
    return switch (ImageStrings.scheme(url)) {
      case "file", "http", "https" -> ImageStrings.parse(url);
      default -> throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
    };
  }

  private static NameImage appc(String text, String data) throws EngineException {
    int question = data.indexOf('?');
    StringBuilder written =
        new StringBuilder(decode(text, question < 0 ? data : data.substring(0, question)));
    if (written.indexOf(":") >= 0 || written.indexOf(",") >= 0) {
      throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
    }
    if (question >= 0) {
      for (String pair : data.substring(question + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals < 0 || pair.indexOf(',') >= 0) {
          throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
        }
        written
            .append(',')
            .append(pair, 0, equals)
            .append('=')
            .append(decode(text, pair.substring(equals + 1)));
      }
    }
    return ImageStrings.name(written.toString());
  }

  /** The distribution URI of an image string; an image ID has none. */
  public static String format(ImageString image) throws EngineException {
    return switch (image) {
      case FileImage file -> SCHEME + "aci-archive:v=0:" + encode(FILE + file.path());
      case UrlImage url -> SCHEME + "aci-archive:v=0:" + encode(url.uri().toString());
      case DockerImage docker -> SCHEME + "docker:v=0:" + docker.reference().canonical();
      case NameImage name -> appc(name);
      case LayoutImage layout ->
          SCHEME
              + layout.kind().scheme()
              + ":v=0:"
              + encode(FILE + layout.path())
              + (layout.ref().isEmpty() ? "" : "?" + REF + encode(layout.ref()));
      case HashImage hash ->
          throw refuse(hash.text(), "an image ID names content, not a place to fetch it from");
    };
  }

  private static String appc(NameImage image) {
    Map<String, String> sorted = new TreeMap<>();
    for (Label label : image.labels()) {
      sorted.put(label.name(), label.value());
    }
    StringBuilder out = new StringBuilder(SCHEME).append("appc:v=0:").append(image.name().value());
    char separator = '?';
    for (Map.Entry<String, String> label : sorted.entrySet()) {
      out.append(separator)
          .append(encode(label.getKey()))
          .append('=')
          .append(encode(label.getValue()));
      separator = '&';
    }
    return out.toString();
  }

  /** Go's query escaping: unlike Java's, {@code *} is escaped and {@code ~} is not. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  private static String decode(String text, String escaped) throws EngineException {
    try {
      return URLDecoder.decode(escaped, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refuse(text, "malformed distribution uri: \"" + shown(text) + "\"");
    }
  }

  private static EngineException refuse(String text, String why) {
    return EngineException.of(
        ErrorCode.INVALID, "invalid image string \"" + shown(text) + "\"", why);
  }

  /** The data may be an escaped URL with secrets in it; a refused text is not decoded to see. */
  private static String shown(String text) {
    int type = text.indexOf(':') + 1;
    int data = text.indexOf(':', text.indexOf(':', type) + 1) + 1;
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    boolean url = lower.startsWith("aci-archive", type) || text.startsWith("docker", type);
    boolean harmless =
        !url
            || !(lower.contains("@")
                || lower.contains("%40")
                || lower.contains("%3f")
                || lower.contains("?"));
    return harmless ? text : text.substring(0, Math.max(data, type)) + "...";
  }
}
