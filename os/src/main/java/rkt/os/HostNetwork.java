package rkt.os;

/** The network of the calling thread's namespace. */
public final class HostNetwork {
  public static final int EPROTONOSUPPORT = 93;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;

  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int IPPROTO_SCTP = 132;

  private HostNetwork() {}

  /** Brings an interface up. */
  public static void up(String name) throws OsException {
    int result = NativeNetwork.interfaceUp(name);
    if (result < 0) {
      throw new OsException("bring up interface", name, -result);
    }
  }

  /**
   * Binds a port without listening on it: nobody else can have it for as long as the descriptor is
   * open.
   *
   * @param protocol {@code tcp}, {@code udp} or {@code sctp}
   * @param address an address of this host, or a wildcard; {@code ::} stands for IPv4 as well
   * @param reuse also when connections of an earlier owner are still about to end
   */
  public static Fd bind(Kernel kernel, String protocol, String address, int port, boolean reuse)
      throws OsException {
    boolean datagrams = protocol.equals("udp");
    int number = datagrams ? IPPROTO_UDP : protocol.equals("sctp") ? IPPROTO_SCTP : IPPROTO_TCP;
    int type = datagrams ? SOCK_DGRAM : SOCK_STREAM;
    int fd = NativeNetwork.bindPort(type, number, address, port, reuse);
    if (fd < 0) {
      throw new OsException("bind", protocol + " port " + port + " of " + address, -fd);
    }
    return new Fd(kernel, fd);
  }

  /**
   * Makes the kernel forget which datagrams to ports of this host it has led elsewhere. Otherwise a
   * sender that never pauses is led to where the rules of an earlier pod led him, for ever.
   */
  public static void forgetDatagrams(int firstPort, int count) throws OsException {
    int result = NativeNetwork.forgetDatagrams(firstPort, count);
    if (result < 0) {
      throw new OsException("forget connections", "udp port " + firstPort, -result);
    }
  }
}
