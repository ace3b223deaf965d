package rkt.net;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.cni.Dns;
import rkt.schema.cni.PluginConfig;
import rkt.schema.json.Json;

/**
 * What a pod's networking will be: everything that can be found wrong with it before anything is
 * touched.
 *
 * @param request which networks
 * @param networks in the order in which they are joined
 * @param plugins where plugins are
 * @param ports of the host that lead to the pod
 * @param dns what the user says about name resolution, for plugins that want to know
 * @param nft the program, for rkt's own rules
 * @param target index of the network that the ports lead through; -1 without ports
 */
public record NetworkPlan(
    NetRequest request,
    List<SelectedNetworkView> networks,
    PluginPath plugins,
    List<PortMapping> ports,
    Dns dns,
    Optional<Path> nft,
    int target) {
  static final String PORT_MAPPINGS = "portMappings";

  private static final String PORTMAP = "portmap";

  /** A network and, hidden from other packages, all that is known of it. */
  public static final class SelectedNetworkView {
    private final SelectedNetwork network;

    SelectedNetworkView(SelectedNetwork network) {
      this.network = network;
    }

    public String name() {
      return network.config().name();
    }

    SelectedNetwork network() {
      return network;
    }
  }

  public NetworkPlan {
    networks = List.copyOf(networks);
    ports = List.copyOf(ports);
  }

  /**
   * Plans.
   *
   * @param dirs directories with configurations, least important first
   */
  public static NetworkPlan make(
      Kernel kernel,
      NetLog log,
      List<Path> dirs,
      PluginPath plugins,
      NetRequest request,
      List<PortMapping> ports,
      Dns dns)
      throws EngineException {
    if (request.kind() != NetRequest.Kind.NETWORKS) {
      refusePorts(request, ports);
      return new NetworkPlan(request, List.of(), plugins, List.of(), dns, Optional.empty(), -1);
    }
    Optional<Path> nft = Nftables.find(kernel);
    List<SelectedNetwork> selected =
        new NetworkFiles(kernel, log, nft.isPresent()).select(dirs, request);
    int target = ports.isEmpty() ? -1 : target(selected);
    if (target >= 0 && nft.isEmpty() && !selected.get(target).config().wants(PORT_MAPPINGS)) {
      SelectedNetwork network = selected.get(target);
      selected.set(target, network.with(network.config().with(portmap())));
    }
    List<SelectedNetworkView> views = new ArrayList<>(selected.size());
    for (SelectedNetwork network : selected) {
      for (PluginConfig plugin : network.config().plugins()) {
        plugins.get(kernel, plugin.type(), network.config().name());
      }
      views.add(new SelectedNetworkView(network));
    }
    return new NetworkPlan(request, views, plugins, ports, dns, nft, target);
  }

  private static void refusePorts(NetRequest request, List<PortMapping> ports)
      throws EngineException {
    if (request.kind() == NetRequest.Kind.HOST) {
      for (PortMapping port : ports) {
        refuseOther(port);
      }
    } else if (!ports.isEmpty()) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "cannot publish ports",
          request.kind() == NetRequest.Kind.NONE
              ? "the pod has no network (--net=none)"
              : "the pod joins an existing network namespace (--net=ns:PATH)");
    }
  }

  /** With the host's network an app's port is the host's; no other one leads to it. */
  private static void refuseOther(PortMapping port) throws EngineException {
    if (port.hostPort() != port.podPort() || !port.hostIp().isEmpty()) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "cannot publish ports",
          "port "
              + Texts.quote(port.name())
              + " is the host's port "
              + port.podPort()
              + " itself, at the addresses that its app chooses (--net=host)");
    }
  }

  /** The first network that hides its pods, else the last one. */
  private static int target(List<SelectedNetwork> networks) throws EngineException {
    if (networks.isEmpty()) {
      throw EngineException.of(ErrorCode.INVALID, "cannot publish ports", "no networks found");
    }
    for (int i = 0; i < networks.size(); i++) {
      if (networks.get(i).hides()) {
        return i;
      }
    }
    return networks.size() - 1;
  }

  private static PluginConfig portmap() {
    String text =
        "{\"type\":\"" + PORTMAP + "\",\"snat\":true,\"capabilities\":{\"portMappings\":true}}";
    return new PluginConfig(PORTMAP, false, Json.parseObject(text, PORTMAP));
  }

  /** Whether the ports are rkt's own work, not a plugin's. */
  boolean forwardsItself() {
    return target >= 0 && !networks.get(target).network().config().wants(PORT_MAPPINGS);
  }
}
