package rkt.stage1;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which {@code /etc/hosts} the apps of a pod get.
 *
 * @param source where it comes from
 * @param entries names by IP address, in the order the addresses were given
 */
public record EtcHosts(Source source, Map<String, List<String>> entries) {
  /** For images that have no such file. */
  public static final EtcHosts DEFAULT = new EtcHosts(Source.FALLBACK, Map.of());

  /** The host's file. */
  public static final EtcHosts HOST = new EtcHosts(Source.HOST, Map.of());

  private static final String BASE =
      "127.0.0.1 localhost localhost.domain localhost4 localhost4.localdomain4\n"
          + "::1 localhost localhost.domain localhost6 localhost6.localdomain6\n"
          + "fe00::0 ip6-localnet\n"
          + "ff00::0 ip6-mcastprefix\n"
          + "ff02::1 ip6-allnodes\n"
          + "ff02::2 ip6-allrouters\n";

  private static final String LOOPBACK = "127.0.0.1";

  /** Where a file comes from. */
  public enum Source {
    FALLBACK,
    HOST,
    FLAGS
  }

  public EtcHosts {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> entry : entries.entrySet()) {
      ResolvConf.word("address", entry.getKey());
      for (String name : entry.getValue()) {
        ResolvConf.word("host name", name);
      }
      copy.put(entry.getKey(), List.copyOf(entry.getValue()));
    }
    entries = Collections.unmodifiableMap(copy);
  }

  /** The fallback file with more entries. */
  public static EtcHosts of(Map<String, List<String>> entries) {
    return new EtcHosts(Source.FLAGS, entries);
  }

  /**
   * The file without entries, for images that have none.
   *
   * @param address what the host name stands for; loopback when empty
   */
  public static String fallback(String hostname, String address) {
    return withName(BASE, address.isEmpty() ? LOOPBACK : address, hostname);
  }

  /** The file with the entries. */
  public String text(String hostname, String address) {
    StringBuilder out = new StringBuilder(BASE);
    out.append("\n# Added by rkt run --hosts-entry\n");
    for (Map.Entry<String, List<String>> entry : entries.entrySet()) {
      out.append(entry.getKey());
      for (String name : entry.getValue()) {
        out.append(' ').append(name);
      }
      out.append('\n');
    }
    return withName(out.toString(), address.isEmpty() ? LOOPBACK : address, hostname);
  }

  /**
   * Names an address in a hosts file: at the end of its first line there, else on a line of its own
   * at the end of the file. Everything else stays as it is.
   */
  static String withName(String hosts, String ip, String name) {
    List<String> lines = new ArrayList<>(List.of(hosts.split("\n", -1)));
    for (int i = 0; i < lines.size(); i++) {
      if (firstField(lines.get(i)).equals(ip)) {
        lines.set(i, lines.get(i) + " " + name);
        return String.join("\n", lines);
      }
    }
    String end = hosts.isEmpty() || hosts.endsWith("\n") ? "" : "\n";
    return hosts + end + ip + "\t" + name + "\n";
  }

  private static String firstField(String line) {
    int from = 0;
    while (from < line.length() && blank(line.charAt(from))) {
      from++;
    }
    int to = from;
    while (to < line.length() && !blank(line.charAt(to))) {
      to++;
    }
    return line.substring(from, to);
  }

  private static boolean blank(char c) {
    return c == ' ' || c == '\t';
  }
}
