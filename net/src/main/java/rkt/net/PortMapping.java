package rkt.net;

/**
 * A port of the host that leads to one of the pod.
 *
 * @param hostIp address of the host; empty for all
 */
public record PortMapping(
    String name, String protocol, String hostIp, int hostPort, int podPort, int count) {

  boolean isIpv6() {
    return hostIp.indexOf(':') >= 0;
  }

  /** Whether both want the same port of the same address. */
  boolean overlaps(PortMapping other) {
    boolean ports = hostPort < other.hostPort + other.count && other.hostPort < hostPort + count;
    boolean addresses =
        hostIp.equals(other.hostIp) || isWildcardFor(other) || other.isWildcardFor(this);
    return ports && addresses && protocol.equals(other.protocol);
  }

  private boolean isWildcardFor(PortMapping other) {
    return hostIp.isEmpty() || hostIp.equals("::") || hostIp.equals("0.0.0.0") && !other.isIpv6();
  }
}
