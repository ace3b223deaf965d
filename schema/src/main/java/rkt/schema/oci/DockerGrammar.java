package rkt.schema.oci;

import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.appc.IpLiterals;

/** The grammar of the distribution project's references, by hand. */
final class DockerGrammar {
  private static final int MAX_NAME = 255;
  private static final int MAX_TAG = 128;
  private static final int MAX_HOST_LABEL = 63;
  private static final int MAX_PORT = 65535;

  private DockerGrammar() {}

  /**
   * Letters, digits and dashes between dots, or an IPv6 address in brackets; then perhaps a port.
   */
  static void checkHost(String host) {
    String name = host;
    int colon = host.lastIndexOf(':');
    if (colon > host.lastIndexOf(']')) {
      checkPort(host.substring(colon + 1));
      name = host.substring(0, colon);
    }
    if (name.startsWith("[") && name.endsWith("]")) {
      if (IpLiterals.isIpv6(name.substring(1, name.length() - 1))) {
        return;
      }
      throw new SchemaException("bad registry host " + Texts.quote(host));
    }
    int from = 0;
    while (from <= name.length()) {
      int dot = name.indexOf('.', from);
      int to = dot < 0 ? name.length() : dot;
      if (!isHostLabel(name.substring(from, to))) {
        throw new SchemaException("bad registry host " + Texts.quote(host));
      }
      from = to + 1;
    }
  }

  private static boolean isHostLabel(String label) {
    if (label.isEmpty()
        || label.length() > MAX_HOST_LABEL
        || label.charAt(0) == '-'
        || label.charAt(label.length() - 1) == '-') {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      if (!Texts.isAlnum(label.charAt(i)) && label.charAt(i) != '-') {
        return false;
      }
    }
    return true;
  }

  private static void checkPort(String port) {
    // A leading zero would be another spelling of the same port, for which no rule was written.
    boolean valid = Texts.isDigits(port) && port.length() <= 5 && !port.startsWith("0");
    if (!valid || Integer.parseInt(port) < 1 || Integer.parseInt(port) > MAX_PORT) {
      throw new SchemaException("bad registry port " + Texts.quote(port));
    }
  }

  /** Lower-case components between slashes. */
  static void checkRepository(String repository) {
    if (repository.isEmpty()) {
      throw new SchemaException("the image name is missing");
    }
    if (repository.length() > MAX_NAME) {
      throw new SchemaException("the image name is longer than " + MAX_NAME + " characters");
    }
    int from = 0;
    while (from <= repository.length()) {
      int slash = repository.indexOf('/', from);
      int to = slash < 0 ? repository.length() : slash;
      if (!isComponent(repository.substring(from, to))) {
        throw new SchemaException("bad image name " + Texts.quote(repository));
      }
      from = to + 1;
    }
  }

  /** Alphanumeric runs separated by one dot, one or two underscores, or any number of dashes. */
  private static boolean isComponent(String text) {
    int at = 0;
    while (true) {
      int start = at;
      while (at < text.length() && Texts.isLowerAlnum(text.charAt(at))) {
        at++;
      }
      if (at == start) {
        return false;
      }
      if (at == text.length()) {
        return true;
      }
      char separator = text.charAt(at);
      int limit = separator == '.' ? 1 : separator == '_' ? 2 : separator == '-' ? MAX_NAME : 0;
      int run = 0;
      while (at < text.length() && text.charAt(at) == separator) {
        run++;
        at++;
      }
      if (run > limit) {
        return false;
      }
    }
  }

  static void checkTag(String tag) {
    boolean valid = !tag.isEmpty() && tag.length() <= MAX_TAG;
    for (int i = 0; valid && i < tag.length(); i++) {
      char c = tag.charAt(i);
      valid = Texts.isAlnum(c) || c == '_' || (i > 0 && (c == '.' || c == '-'));
    }
    if (!valid) {
      throw new SchemaException("bad tag " + Texts.quote(tag));
    }
  }

  /** ASCII only: the rules of other languages have no place in host names. */
  static String lowerCase(String text) {
    StringBuilder out = new StringBuilder(text);
    for (int i = 0; i < out.length(); i++) {
      char c = out.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        out.setCharAt(i, (char) (c + 'a' - 'A'));
      }
    }
    return out.toString();
  }
}
