package rkt.os;

/**
 * What a socket is bound to.
 *
 * @param type {@code SOCK_STREAM}, {@code SOCK_DGRAM} or another kernel's number
 * @param family the address family's number
 * @param address of an IP socket; the name of a Unix socket, abstract ones with an {@code @} before
 *     it; empty when it has none
 * @param port of an IP socket, else 0
 * @param listens whether it takes connections
 */
public record SocketName(int type, int family, String address, int port, boolean listens) {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  /**
   * Asks the kernel.
   *
   * @throws OsException also when the descriptor is not one of a socket
   */
  public static SocketName of(int fd) throws OsException {
    int[] facts = new int[4];
    String[] address = new String[1];
    int result = NativeNetwork.socketName(fd, facts, address);
    if (result < 0) {
      throw new OsException("get the name of socket", Integer.toString(fd), -result);
    }
    return new SocketName(facts[0], facts[1], address[0], facts[2], facts[3] != 0);
  }

  public boolean isIp() {
    return family == AF_INET || family == AF_INET6;
  }

  public boolean isUnix() {
    return family == AF_UNIX;
  }

  /** Whether it is where apps expect connections, or datagrams, of a protocol. */
  public boolean serves(String protocol) {
    return protocol.equals("udp")
        ? type == HostNetwork.SOCK_DGRAM
        : type == HostNetwork.SOCK_STREAM && listens;
  }

  /** For people. */
  public String text() {
    String kind = type == HostNetwork.SOCK_DGRAM ? "udp" : "tcp";
    if (isIp()) {
      boolean connected = type == HostNetwork.SOCK_STREAM && !listens;
      String host = family == AF_INET6 ? "[" + address + "]" : address;
      return kind + " " + host + ":" + port + (connected ? " (not listening)" : "");
    }
    if (isUnix()) {
      return "unix " + (address.isEmpty() ? "without a name" : address);
    }
    return "of address family " + family;
  }
}
