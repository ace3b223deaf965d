package rkt.net;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * What {@code --net} asks for.
 *
 * @param items networks by name, each once, in the order they were given
 * @param namespace an existing network namespace to join instead ({@code ns:PATH})
 */
public record NetRequest(List<Item> items, Optional<Path> namespace) {
  /** Without the flag: the network {@code default}. */
  public static final NetRequest DEFAULT =
      new NetRequest(List.of(new Item("default", "")), Optional.empty());

  private static final String NAMESPACE = "ns:";

  /** A network and what its plugins are told ({@code K=V;K=V}, may be empty). */
  public record Item(String name, String args) {}

  /** What it comes down to. */
  public enum Kind {
    /** The caller's own network. */
    HOST,
    /** A namespace with nothing but loopback. */
    NONE,
    /** A namespace that somebody else made. */
    NAMESPACE,
    /** A namespace that is connected to networks. */
    NETWORKS
  }

  public NetRequest {
    items = List.copyOf(items);
  }

  /**
   * Reads the values of the flag, each {@code NAME[:ARGS]}.
   *
   * @throws SchemaException that says what is wrong with which
   */
  public static NetRequest parse(List<String> values) {
    List<Item> items = new ArrayList<>(values.size());
    Optional<Path> namespace = Optional.empty();
    for (String value : values) {
      if (value.startsWith(NAMESPACE)) {
        if (values.size() > 1) {
          throw new SchemaException(
              "an existing namespace cannot be combined with networks: " + Texts.quote(value));
        }
        namespace = Optional.of(namespacePath(value.substring(NAMESPACE.length())));
      } else {
        items.add(item(value, items));
      }
    }
    return items.isEmpty() && namespace.isEmpty() ? DEFAULT : new NetRequest(items, namespace);
  }

  private static Path namespacePath(String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new SchemaException("ns: needs the absolute path of a namespace: " + Texts.quote(text));
    }
    return Path.of(text);
  }

  private static Item item(String value, List<Item> before) {
    int colon = value.indexOf(':');
    String name = colon < 0 ? value : value.substring(0, colon);
    String args = colon < 0 ? "" : value.substring(colon + 1);
    if (name.isEmpty()) {
      throw new SchemaException("netname must not be empty");
    }
    for (Item other : before) {
      if (other.name().equals(name)) {
        throw new SchemaException("found duplicate netname " + Texts.quote(name));
      }
    }
    if (colon >= 0 && (name.equals("host") || name.equals("all") || name.equals("none"))) {
      throw new SchemaException(
          "arguments are not supported by special netname " + Texts.quote(name));
    }
    // IPv6 addresses have colons of their own, after the equals sign.
    if (colon >= 0 && !areArguments(args)) {
      throw new SchemaException(
          "network "
              + Texts.quote(name)
              + " provided with invalid arguments: ["
              + args
              + "], expected NAME=VALUE[;NAME=VALUE...]");
    }
    return new Item(name, args);
  }

  private static boolean areArguments(String args) {
    for (String each : args.split(";", -1)) {
      int equals = each.indexOf('=');
      if (equals < 1 || each.substring(0, equals).indexOf(':') >= 0 || each.indexOf('\0') >= 0) {
        return false;
      }
    }
    return true;
  }

  public Kind kind() {
    if (namespace.isPresent()) {
      return Kind.NAMESPACE;
    }
    if (names("host")) {
      return Kind.HOST;
    }
    return names("none") ? Kind.NONE : Kind.NETWORKS;
  }

  /** Whether a network of this name is asked for by its name. */
  public boolean names(String name) {
    for (Item item : items) {
      if (item.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The arguments of a network; empty for none. */
  String args(String name) {
    for (Item item : items) {
      if (item.name().equals(name)) {
        return item.args();
      }
    }
    return "";
  }
}
