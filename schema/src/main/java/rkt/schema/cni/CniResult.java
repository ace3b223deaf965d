package rkt.schema.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.appc.IpLiterals;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * What a plugin made: interfaces, addresses, routes, name resolution.
 *
 * @param document the result as the plugin wrote it, for plugins after it and for CHECK and DEL
 * @param version of the specification by which it is written
 */
public record CniResult(
    String document,
    String version,
    List<Interface> interfaces,
    List<Address> addresses,
    List<Route> routes,
    Dns dns) {

  /** An interface; {@code sandbox} is empty for one of the host. */
  public record Interface(String name, String mac, String sandbox) {}

  /**
   * An address in the pod.
   *
   * @param ip without its prefix
   * @param prefix length of the network part
   * @param gateway empty when there is none
   * @param interfaceIndex into the interfaces; -1 when not told
   */
  public record Address(String ip, int prefix, String gateway, int interfaceIndex) {
    public boolean isIpv6() {
      return ip.indexOf(':') >= 0;
    }

    public String cidr() {
      return ip + "/" + prefix;
    }
  }

  /** A route; {@code gateway} is empty for the default one of its address. */
  public record Route(String destination, String gateway) {}

  /** Nothing was made. */
  public static CniResult none(String version) {
    return new CniResult("", version, List.of(), List.of(), List.of(), Dns.NONE);
  }

  public CniResult {
    interfaces = List.copyOf(interfaces);
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
  }

  /**
   * Reads a result.
   *
   * @param version the one that was asked for, by whose rules it is read
   * @throws SchemaException when it is no such result
   */
  public static CniResult parse(byte[] text, String version) {
    JsonObject json = Json.parseObject(text, "");
    // Plugins older than versions do not name one.
    String given = json.string("cniVersion", "");
    if (!given.isEmpty() && !given.equals(version)) {
      throw new SchemaException(
          "it is of cniVersion " + Texts.quote(given) + ", asked for was " + version);
    }
    if (given.isEmpty() && CniVersion.atLeast(version, "0.3.0")) {
      throw new SchemaException("it has no cniVersion, asked for was " + version);
    }
    Optional<JsonObject> dns = json.optObject("dns");
    List<Interface> interfaces = new ArrayList<>();
    List<Address> addresses = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    if (CniVersion.atLeast(version, "0.3.0")) {
      for (JsonObject each : json.objects("interfaces")) {
        interfaces.add(
            new Interface(each.string("name"), each.string("mac", ""), each.string("sandbox", "")));
      }
      for (JsonObject each : json.objects("ips")) {
        int index = each.int32("interface", -1);
        if (index >= interfaces.size() || index < -1) {
          throw each.fail("interface", "there is no interface " + index);
        }
        addresses.add(address(each, "address", index));
      }
      readRoutes(json, routes);
    } else {
      for (String family : List.of("ip4", "ip6")) {
        Optional<JsonObject> config = json.optObject(family);
        if (config.isPresent()) {
          Address address = address(config.get(), "ip", -1);
          if (address.isIpv6() != family.equals("ip6")) {
            throw config.get().fail("ip", "is of the other family");
          }
          addresses.add(address);
          readRoutes(config.get(), routes);
        }
      }
    }
    return new CniResult(
        json.toJson(),
        version,
        interfaces,
        addresses,
        routes,
        dns.isEmpty() ? Dns.NONE : Dns.read(dns.get()));
  }

  private static void readRoutes(JsonObject json, List<Route> routes) {
    for (JsonObject each : json.objects("routes")) {
      String destination = each.string("dst");
      if (slash(destination) < 0) {
        throw each.fail("dst", "is no network: " + Texts.quote(destination));
      }
      String gateway = each.string("gw", "");
      if (!gateway.isEmpty() && !IpLiterals.isIp(gateway)) {
        throw each.fail("gw", "is no IP address: " + Texts.quote(gateway));
      }
      routes.add(new Route(destination, gateway));
    }
  }

  private static Address address(JsonObject json, String field, int index) {
    String cidr = json.string(field);
    int slash = slash(cidr);
    if (slash < 0) {
      throw json.fail(field, "is no address with a prefix: " + Texts.quote(cidr));
    }
    String gateway = json.string("gateway", "");
    if (!gateway.isEmpty() && !IpLiterals.isIp(gateway)) {
      throw json.fail("gateway", "is no IP address: " + Texts.quote(gateway));
    }
    String ip = cidr.substring(0, slash);
    return new Address(ip, Integer.parseInt(cidr.substring(slash + 1)), gateway, index);
  }

  /** Where the prefix of a CIDR begins; -1 when it is none. */
  private static int slash(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !IpLiterals.isIp(cidr.substring(0, slash))) {
      return -1;
    }
    String prefix = cidr.substring(slash + 1);
    int most = cidr.indexOf(':') >= 0 ? 128 : 32;
    boolean good = prefix.length() <= 3 && Texts.isDigits(prefix) && !prefix.isEmpty();
    return good && Integer.parseInt(prefix) <= most ? slash : -1;
  }

  /** The same result by the rules of another version; what that one cannot say is left out. */
  public String in(String other) {
    if (other.equals(version) && !document.isEmpty()) {
      return document;
    }
    JsonWriter json = JsonWriter.compact().beginObject();
    json.name("cniVersion").value(other);
    if (CniVersion.atLeast(other, "0.3.0")) {
      writeNew(json, other);
    } else {
      writeOld(json);
    }
    json.name("dns");
    dns.write(json);
    return json.endObject().toString();
  }

  private void writeNew(JsonWriter json, String other) {
    if (!interfaces.isEmpty()) {
      json.name("interfaces").beginArray();
      for (Interface each : interfaces) {
        json.beginObject().name("name").value(each.name());
        if (!each.mac().isEmpty()) {
          json.name("mac").value(each.mac());
        }
        if (!each.sandbox().isEmpty()) {
          json.name("sandbox").value(each.sandbox());
        }
        json.endObject();
      }
      json.endArray();
    }
    json.name("ips").beginArray();
    for (Address each : addresses) {
      json.beginObject();
      if (!CniVersion.atLeast(other, "1.0.0")) {
        json.name("version").value(each.isIpv6() ? "6" : "4");
      }
      json.name("address").value(each.cidr());
      if (!each.gateway().isEmpty()) {
        json.name("gateway").value(each.gateway());
      }
      if (each.interfaceIndex() >= 0) {
        json.name("interface").value(each.interfaceIndex());
      }
      json.endObject();
    }
    json.endArray();
    if (!routes.isEmpty()) {
      json.name("routes").beginArray();
      writeRoutes(json, routes);
      json.endArray();
    }
  }

  private void writeOld(JsonWriter json) {
    for (boolean ipv6 : new boolean[] {false, true}) {
      for (Address each : addresses) {
        if (each.isIpv6() == ipv6) {
          json.name(ipv6 ? "ip6" : "ip4").beginObject().name("ip").value(each.cidr());
          if (!each.gateway().isEmpty()) {
            json.name("gateway").value(each.gateway());
          }
          List<Route> own = new ArrayList<>();
          for (Route route : routes) {
            if (route.destination().indexOf(':') >= 0 == ipv6) {
              own.add(route);
            }
          }
          json.name("routes").beginArray();
          writeRoutes(json, own);
          json.endArray().endObject();
          break;
        }
      }
    }
  }

  private static void writeRoutes(JsonWriter json, List<Route> routes) {
    for (Route each : routes) {
      json.beginObject().name("dst").value(each.destination());
      if (!each.gateway().isEmpty()) {
        json.name("gw").value(each.gateway());
      }
      json.endObject();
    }
  }
}
