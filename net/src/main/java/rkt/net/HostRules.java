package rkt.net;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.HostNetwork;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.cni.CniResult;

/**
 * What rkt itself does on the host for a pod's network: its ports, and the masquerade of the
 * built-in one. {@link Nftables} says in which rules.
 */
final class HostRules {
  private final Kernel kernel;
  private final NetLog log;
  private final NetworkPlan plan;
  private final Path dir;
  private final String uuid;

  HostRules(Kernel kernel, NetLog log, NetworkPlan plan, Path dir, String uuid) {
    this.kernel = kernel;
    this.log = log;
    this.plan = plan;
    this.dir = dir;
    this.uuid = uuid;
  }

  /**
   * Adds them.
   *
   * @param addresses of the pod, that ports lead to
   * @param hide addresses of the pod that the world sees as the host's
   * @param hostAddress the host's own in that network; empty when it has none
   * @param recorder is told how to undo it, before it is done
   */
  void add(
      List<CniResult.Address> addresses,
      List<CniResult.Address> hide,
      String hostAddress,
      Attachment.Recorder recorder)
      throws EngineException, OsException {
    List<PortMapping> ports = plan.forwardsItself() ? plan.ports() : List.of();
    Optional<Path> nft = plan.nft();
    if (nft.isEmpty()) {
      throw new IllegalStateException("rules without nft");
    }
    Optional<RouteTable.Link> link =
        // Elsewhere, as in the network of a macvlan, the host's loopback leads to no pod anyhow.
        ports.isEmpty() || hostAddress.isEmpty() ? Optional.empty() : link(addresses);
    PluginCall call =
        new PluginCall(
            "nftables rules",
            nft.get().toString(),
            List.of("-f", "-"),
            List.of("PATH=" + Attachment.SEARCH_PATH),
            Nftables.removal(uuid),
            false);
    recorder.record(call, Optional.empty());
    PluginCall add = call.with(Nftables.rules(uuid, addresses, hide, ports, link));
    log.debug("adding " + call.label());
    PluginRunner.Outcome outcome = new PluginRunner(kernel, dir).run(add, Attachment.LIMIT);
    if (!outcome.succeeded()) {
      throw EngineException.of(
          ErrorCode.RUNTIME,
          "failed to setup network",
          nft.get() + " refused the rules for the pod: " + outcome.trouble(Attachment.LIMIT),
          "the kernel may lack nf_tables or nf_nat; see the message above");
    }
    if (link.isPresent()) {
      routeLoopback(link.get().name());
    }
    for (PortMapping port : ports) {
      if (port.protocol().equals("udp")) {
        forgetEarlierPods(port);
      }
    }
  }

  private void forgetEarlierPods(PortMapping port) {
    try {
      HostNetwork.forgetDatagrams(port.hostPort(), port.count());
    } catch (OsException e) {
      log.debug("senders of datagrams may still reach an earlier pod: " + e.getMessage());
    }
  }

  /** The host's interface to the pod. */
  private Optional<RouteTable.Link> link(List<CniResult.Address> addresses) throws OsException {
    for (CniResult.Address address : addresses) {
      if (!address.isIpv6()) {
        return RouteTable.linkTo(kernel, address.ip());
      }
    }
    return Optional.empty();
  }

  /** So that the port is reached at 127.0.0.1, too; the table guards the rest of it. */
  private void routeLoopback(String device) {
    String setting = "/proc/sys/net/ipv4/conf/" + device + "/route_localnet";
    try (Fd fd = Fd.open(kernel, setting, Consts.O_WRONLY, 0)) {
      kernel.write(fd.number(), new byte[] {'1'}, 0, 1);
    } catch (OsException e) {
      log.note("ports are not reachable at 127.0.0.1: " + e.getMessage());
    }
  }
}
