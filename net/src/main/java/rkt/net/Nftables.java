package rkt.net;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.cni.CniResult;

/**
 * A pod's own nftables table: it appears and goes in one transaction each, whatever else is in
 * there, and shares no chain with other pods or programs (docs/adr/0017).
 */
final class Nftables {
  private static final PluginPath WHERE =
      new PluginPath(
          List.of(
              Path.of("/usr/sbin"),
              Path.of("/sbin"),
              Path.of("/usr/bin"),
              Path.of("/usr/local/sbin")));

  /** Of all pods: guards of interfaces that outlive them. */
  private static final String SHARED = "inet rkt-loopback";

  private final String table;
  private final StringBuilder out = new StringBuilder(1024);

  private Nftables(String uuid) {
    this.table = "inet rkt-" + uuid;
  }

  static Optional<Path> find(Kernel kernel) {
    return WHERE.find(kernel, "nft");
  }

  /** Removes the table, also when it is not there. */
  static String removal(String uuid) {
    String name = "inet rkt-" + uuid;
    return "add table " + name + "\ndelete table " + name + "\n";
  }

  /**
   * Makes the table.
   *
   * @param hide addresses of the pod that the world sees as the host's
   * @param ports that lead to the pod's first address of their family
   * @param link the host's interface that also leads the host's loopback to the pod
   */
  static String rules(
      String uuid,
      List<CniResult.Address> addresses,
      List<CniResult.Address> hide,
      List<PortMapping> ports,
      Optional<RouteTable.Link> link) {
    Nftables nft = new Nftables(uuid);
    if (link.isPresent() && !link.get().own()) {
      nft.guardShared(link.get().name());
    }
    nft.write(addresses, hide, ports, link);
    return nft.out.toString();
  }

  private void write(
      List<CniResult.Address> addresses,
      List<CniResult.Address> hide,
      List<PortMapping> ports,
      Optional<RouteTable.Link> link) {
    line("table " + table + " {");
    if (!ports.isEmpty()) {
      if (link.isPresent() && link.get().own()) {
        // The pod's interface routes 127.0.0.0/8 so that the host reaches the port there; nobody
        // else may reach the host's loopback by it (CVE-2020-8558).
        line(" chain guard {");
        line("  type filter hook prerouting priority -350; policy accept;");
        line("  iifname \"" + link.get().name() + "\" ip daddr 127.0.0.0/8 drop");
        line(" }");
      }
      line(" chain ports {");
      for (PortMapping port : ports) {
        for (CniResult.Address address : firstOfEach(addresses)) {
          forward(port, address);
        }
      }
      line(" }");
      for (String hook : List.of("prerouting", "output")) {
        line(" chain " + hook + "-ports {");
        line("  type nat hook " + hook + " priority -100; policy accept;");
        if (hook.equals("prerouting")) {
          // The host itself comes by output: here it is a neighbour who wants in at 127.0.0.1.
          line("  ip daddr 127.0.0.0/8 accept");
        }
        line("  fib daddr type local jump ports");
        line(" }");
      }
    }
    if (!hide.isEmpty()) {
      // Whoever routes the pod's address to this host would get past what is published.
      line(" chain forward {");
      line("  type filter hook forward priority 0; policy accept;");
      for (CniResult.Address address : hide) {
        String family = family(address);
        String from = family + " saddr != " + network(address);
        String to = family + " daddr " + address.ip();
        line("  " + to + " " + from + " ct state new ct status & dnat == 0 drop");
      }
      line(" }");
    }
    line(" chain postrouting {");
    line("  type nat hook postrouting priority 100; policy accept;");
    if (!ports.isEmpty()) {
      for (CniResult.Address address : firstOfEach(addresses)) {
        // Who is on the pod's own link, or is the pod, would answer past the rules above.
        String family = family(address);
        String near = network(address) + (address.isIpv6() ? "" : ", 127.0.0.0/8");
        line(
            "  ct status dnat "
                + family
                + " daddr "
                + address.ip()
                + " "
                + family
                + " saddr { "
                + near
                + " } masquerade");
      }
    }
    for (CniResult.Address address : hide) {
      String family = family(address);
      line(
          "  "
              + family
              + " saddr "
              + address.ip()
              + " "
              + family
              + " daddr != { "
              + network(address)
              + ", "
              + (address.isIpv6() ? "ff00::/8" : "224.0.0.0/4")
              + " } masquerade");
    }
    line(" }");
    line("}");
  }

  /**
   * The same guard for an interface that other pods are on, too, such as a bridge. It routes
   * 127.0.0.0/8 for as long as it exists, so the guard stays when this pod has gone.
   */
  private void guardShared(String link) {
    line("table " + SHARED + " {");
    line(" set links { type ifname; }");
    line(" chain guard { type filter hook prerouting priority -350; policy accept; }");
    line("}");
    line("flush chain " + SHARED + " guard");
    line("add rule " + SHARED + " guard iifname @links ip daddr 127.0.0.0/8 drop");
    line("add element " + SHARED + " links { \"" + link + "\" }");
  }

  private void forward(PortMapping port, CniResult.Address address) {
    if (!port.hostIp().isEmpty() && port.isIpv6() != address.isIpv6()) {
      return;
    }
    String family = family(address);
    boolean any =
        port.hostIp().isEmpty() || port.hostIp().equals("0.0.0.0") || port.hostIp().equals("::");
    String host =
        any
            ? "meta nfproto " + (address.isIpv6() ? "ipv6" : "ipv4")
            : family + " daddr " + port.hostIp();
    String target = address.isIpv6() ? "[" + address.ip() + "]" : address.ip();
    for (int i = 0; i < port.count(); i++) {
      line(
          "  "
              + host
              + " "
              + port.protocol()
              + " dport "
              + (port.hostPort() + i)
              + " dnat "
              + family
              + " to "
              + target
              + ":"
              + (port.podPort() + i));
    }
  }

  private static List<CniResult.Address> firstOfEach(List<CniResult.Address> addresses) {
    List<CniResult.Address> out = new java.util.ArrayList<>(2);
    for (CniResult.Address each : addresses) {
      boolean known = false;
      for (CniResult.Address other : out) {
        known |= other.isIpv6() == each.isIpv6();
      }
      if (!known) {
        out.add(each);
      }
    }
    return out;
  }

  private static String family(CniResult.Address address) {
    return address.isIpv6() ? "ip6" : "ip";
  }

  /** nft itself masks the address. */
  private static String network(CniResult.Address address) {
    return address.cidr();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
