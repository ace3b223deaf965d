package rkt.schema.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * One network of a pod, as {@code net-info.json} in the pod's directory keeps it.
 *
 * @param netConf the copy of the configuration in the pod's directory
 * @param pluginPath the (first) plugin
 * @param ip the pod's first IPv4 address there; empty for none
 * @param mask of {@code ip}, dotted
 * @param ip6 the pod's first IPv6 address there; empty for none
 * @param addresses all of them, with their prefixes
 * @param args what the user gave the network with {@code --net=NAME:ARGS}
 * @param hostIp the host's own address in that network; empty when it has none there
 */
public record NetInfo(
    String netName,
    String netConf,
    String pluginPath,
    String ifName,
    String ip,
    String args,
    String mask,
    String ip6,
    List<String> addresses,
    List<PublishedPort> ports,
    String hostIp) {

  /** A port of the host that leads into the pod. */
  public record PublishedPort(
      String name, String protocol, String hostIp, int hostPort, int podPort, int count) {}

  public NetInfo {
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
  }

  /** Reads the file. */
  public static List<NetInfo> parse(byte[] text) {
    List<NetInfo> infos = new ArrayList<>();
    if (Json.parse(text, "net-info.json") instanceof JsonArray array) {
      for (JsonObject json : array.objects()) {
        List<PublishedPort> ports = new ArrayList<>();
        for (JsonObject port : json.objects("ports")) {
          ports.add(
              new PublishedPort(
                  port.string("name"),
                  port.string("protocol"),
                  port.string("hostIP", ""),
                  port.int32("hostPort"),
                  port.int32("podPort"),
                  port.int32("count", 1)));
        }
        infos.add(
            new NetInfo(
                json.string("netName", ""),
                json.string("netConf", ""),
                json.string("pluginPath", ""),
                json.string("ifName", ""),
                json.string("ip", ""),
                json.string("args", ""),
                json.string("mask", ""),
                json.string("ip6", ""),
                json.strings("addresses"),
                ports,
                json.string("hostIP", "")));
      }
    }
    return infos;
  }

  /** Writes the file. */
  public static String write(List<NetInfo> infos) {
    JsonWriter json = JsonWriter.compact().beginArray();
    for (NetInfo info : infos) {
      info.write(json);
    }
    return json.endArray().toString();
  }

  /** Writes one of them. */
  public void write(JsonWriter json) {
    json.beginObject();
    json.name("netName").value(netName).name("netConf").value(netConf);
    json.name("pluginPath").value(pluginPath).name("ifName").value(ifName);
    json.name("ip").value(ip).name("args").value(args).name("mask").value(mask);
    if (!ip6.isEmpty()) {
      json.name("ip6").value(ip6);
    }
    if (!hostIp.isEmpty()) {
      json.name("hostIP").value(hostIp);
    }
    if (!addresses.isEmpty()) {
      json.name("addresses").strings(addresses);
    }
    if (!ports.isEmpty()) {
      json.name("ports").beginArray();
      for (PublishedPort port : ports) {
        json.beginObject().name("name").value(port.name()).name("protocol").value(port.protocol());
        if (!port.hostIp().isEmpty()) {
          json.name("hostIP").value(port.hostIp());
        }
        json.name("hostPort").value(port.hostPort()).name("podPort").value(port.podPort());
        json.name("count").value(port.count()).endObject();
      }
      json.endArray();
    }
    json.endObject();
  }

  /** What plugins made for a pod, in the words of this file. */
  public static NetInfo of(
      String network, String conf, String plugin, String ifName, String args, CniResult result) {
    Optional<CniResult.Address> v4 = first(result, false);
    Optional<CniResult.Address> v6 = first(result, true);
    List<String> all = new ArrayList<>();
    for (CniResult.Address address : result.addresses()) {
      all.add(address.cidr());
    }
    return new NetInfo(
        network,
        conf,
        plugin,
        ifName,
        v4.isPresent() ? v4.get().ip() : "",
        args,
        v4.isPresent() ? dotted(v4.get().prefix()) : "",
        v6.isPresent() ? v6.get().ip() : "",
        all,
        List.of(),
        "");
  }

  /** The same with published ports. */
  public NetInfo with(List<PublishedPort> published) {
    return new NetInfo(
        netName, netConf, pluginPath, ifName, ip, args, mask, ip6, addresses, published, hostIp);
  }

  /** The same with the host's address. */
  public NetInfo withHost(String address) {
    return new NetInfo(
        netName, netConf, pluginPath, ifName, ip, args, mask, ip6, addresses, ports, address);
  }

  private static Optional<CniResult.Address> first(CniResult result, boolean ipv6) {
    for (CniResult.Address address : result.addresses()) {
      if (address.isIpv6() == ipv6) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  private static String dotted(int prefix) {
    long mask = 0xffffffffL << (32 - prefix) & 0xffffffffL;
    return (mask >> 24) + "." + (mask >> 16 & 255) + "." + (mask >> 8 & 255) + "." + (mask & 255);
  }
}
