package rkt.net;

import java.util.List;
import rkt.os.Fd;
import rkt.schema.cni.Dns;
import rkt.schema.cni.NetInfo;

/**
 * A pod's network as it stands.
 *
 * @param namespace the open network namespace
 * @param held ports of the host, to be kept open for as long as the pod lives
 * @param networks what {@code net-info.json} says
 * @param dns of the first network that says something about it
 * @param dnsNetwork the name of that network
 */
public record PodNetwork(
    Fd namespace, List<Fd> held, List<NetInfo> networks, Dns dns, String dnsNetwork) {
  public PodNetwork {
    held = List.copyOf(held);
    networks = List.copyOf(networks);
  }

  /** The pod's first address, IPv4 before IPv6; empty for none. */
  public String address() {
    for (NetInfo each : networks) {
      if (!each.ip().isEmpty()) {
        return each.ip();
      }
    }
    for (NetInfo each : networks) {
      if (!each.ip6().isEmpty()) {
        return each.ip6();
      }
    }
    return "";
  }
}
