package rkt.stage1;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * Which {@code /etc/resolv.conf} the apps of a pod get.
 *
 * @param source where it comes from
 * @param nameservers IP addresses
 * @param search domains to try
 * @param options as resolv.conf(5) has them
 * @param domain the local domain; empty for none
 */
public record ResolvConf(
    Source source,
    List<String> nameservers,
    List<String> search,
    List<String> options,
    String domain) {
  /** What the network says; without one, the image's own file. */
  public static final ResolvConf DEFAULT = from(Source.NETWORK);

  /** The host's file. */
  public static final ResolvConf HOST = from(Source.HOST);

  /** The image's own file, whatever the network says. */
  public static final ResolvConf NONE = from(Source.IMAGE);

  /** Where a file comes from. */
  public enum Source {
    NETWORK,
    HOST,
    IMAGE,
    FLAGS
  }

  public ResolvConf {
    nameservers = List.copyOf(nameservers);
    search = List.copyOf(search);
    options = List.copyOf(options);
    for (String server : nameservers) {
      word("name server", server);
    }
    for (String each : search) {
      word("search domain", each);
    }
    for (String each : options) {
      word("DNS option", each);
    }
    if (!domain.isEmpty()) {
      word("DNS domain", domain);
    }
  }

  private static ResolvConf from(Source source) {
    return new ResolvConf(source, List.of(), List.of(), List.of(), "");
  }

  /** What the user said. */
  public static ResolvConf of(
      List<String> nameservers, List<String> search, List<String> options, String domain) {
    return new ResolvConf(Source.FLAGS, nameservers, search, options, domain);
  }

  /** Anything else would be another line of the file, or another word of its line. */
  static void word(String what, String text) {
    boolean good = !text.isEmpty();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      good &= c > ' ' && c != 0x7f && c != '#' && c != ';';
    }
    if (!good) {
      throw new SchemaException("invalid " + what + " " + Texts.quote(text));
    }
  }

  /**
   * The file.
   *
   * @param comment who made it; empty for no such line
   */
  public String text(String comment) {
    StringBuilder out = new StringBuilder(256);
    if (!comment.isEmpty()) {
      out.append("# ").append(comment).append("\n\n");
    }
    line(out, "search", search);
    for (String server : nameservers) {
      line(out, "nameserver", List.of(server));
    }
    line(out, "options", options);
    line(out, "domain", domain.isEmpty() ? List.of() : List.of(domain));
    return out.toString();
  }

  private static void line(StringBuilder out, String keyword, List<String> words) {
    if (!words.isEmpty()) {
      out.append(keyword);
      for (String word : words) {
        out.append(' ').append(word);
      }
      out.append('\n');
    }
  }
}
