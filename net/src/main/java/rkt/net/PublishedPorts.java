package rkt.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.HostNetwork;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.Port;
import rkt.schema.cni.CniResult;

/**
 * The ports of the host that lead into a pod: which they are, and that they are ours.
 *
 * <p>They are held by bound sockets that pass to the supervisor, so that a port which is taken is
 * found before the pod starts, nobody takes it while the pod runs, and the kernel frees it when the
 * pod ends, however that happens. The sockets never listen: packets reach the pod by rules.
 */
public final class PublishedPorts {
  private static final String ATTEMPTED = "cannot publish ports";

  private PublishedPorts() {}

  /**
   * Finds the pod's port for each exposed one.
   *
   * @param ports of each app
   */
  public static List<PortMapping> map(List<ExposedPort> exposed, List<List<Port>> ports)
      throws EngineException {
    List<PortMapping> out = new ArrayList<>(exposed.size());
    for (ExposedPort each : exposed) {
      Port port = each.podPort().isPresent() ? each.podPort().get() : find(each, ports);
      if (port.socketActivated()) {
        continue; // the service manager holds the host's port and has given us the socket
      }
      PortMapping mapping = mapping(each, port);
      for (PortMapping other : out) {
        if (mapping.overlaps(other)) {
          throw EngineException.of(
              ErrorCode.CONFLICT,
              ATTEMPTED,
              "port "
                  + mapping.protocol()
                  + "-"
                  + (mapping.hostIp().isEmpty() ? "0.0.0.0" : mapping.hostIp())
                  + ":"
                  + mapping.hostPort()
                  + " already mapped to pod port "
                  + other.podPort());
        }
      }
      out.add(mapping);
    }
    return out;
  }

  private static Port find(ExposedPort exposed, List<List<Port>> ports) throws EngineException {
    Port found = null;
    String name = exposed.name().value();
    for (List<Port> app : ports) {
      for (Port port : app) {
        if (port.name().equals(exposed.name())) {
          if (found != null) {
            throw invalid("port name " + Texts.quote(name) + " defined multiple apps");
          }
          found = port;
        }
      }
    }
    if (found == null) {
      throw invalid("port name " + Texts.quote(name) + " could not be found in any apps");
    }
    return found;
  }

  private static PortMapping mapping(ExposedPort exposed, Port port) throws EngineException {
    String name = exposed.name().value();
    String protocol = port.protocol().isEmpty() ? "tcp" : port.protocol().toLowerCase(Locale.ROOT);
    if (!List.of("tcp", "udp", "sctp").contains(protocol)) {
      throw invalid(
          "port "
              + Texts.quote(name)
              + " is of protocol "
              + Texts.quote(protocol)
              + ", only tcp, udp and sctp can be published");
    }
    if (exposed.hostPort() < 1 || exposed.hostPort() + port.count() - 1 > 65535) {
      throw invalid(
          "port "
              + Texts.quote(name)
              + " would be published as "
              + exposed.hostPort()
              + (port.count() > 1 ? " to " + (exposed.hostPort() + port.count() - 1) : "")
              + ", which is not within 1 to 65535");
    }
    return new PortMapping(
        name, protocol, exposed.hostIp().orElse(""), exposed.hostPort(), port.port(), port.count());
  }

  private static EngineException invalid(String why) {
    return EngineException.of(ErrorCode.INVALID, ATTEMPTED, why);
  }

  /**
   * Sees to it that each will lead somewhere by rkt's own rules.
   *
   * @param addresses of the pod, in the network that the ports lead through
   */
  static void check(List<PortMapping> mappings, List<CniResult.Address> addresses, String network)
      throws EngineException {
    for (PortMapping mapping : mappings) {
      if (mapping.hostIp().equals("::1")) {
        throw invalid(
            "port "
                + Texts.quote(mapping.name())
                + " cannot be reached at ::1: the kernel leads nothing from there to a pod; use"
                + " 127.0.0.1 or another address of the host");
      }
      boolean reached = false;
      for (CniResult.Address address : addresses) {
        reached |= mapping.hostIp().isEmpty() || mapping.isIpv6() == address.isIpv6();
      }
      if (!reached) {
        String family = mapping.hostIp().isEmpty() ? "" : mapping.isIpv6() ? "IPv6 " : "IPv4 ";
        throw invalid(
            "port "
                + Texts.quote(mapping.name())
                + (mapping.hostIp().isEmpty() ? "" : " of " + mapping.hostIp())
                + " leads nowhere: the pod has no "
                + family
                + "address in network "
                + Texts.quote(network));
      }
    }
  }

  /** Takes the ports of the host; on failure none stays taken. */
  static List<Fd> reserve(Kernel kernel, List<PortMapping> mappings) throws EngineException {
    List<Fd> held = new ArrayList<>();
    for (PortMapping mapping : mappings) {
      for (int i = 0; i < mapping.count(); i++) {
        try {
          Fd fd = bind(kernel, mapping, mapping.hostPort() + i);
          if (fd != null) {
            held.add(fd);
          }
        } catch (OsException e) {
          EngineException failure = taken(mapping, mapping.hostPort() + i, e);
          release(held, failure);
          throw failure;
        }
      }
    }
    return held;
  }

  static void release(List<Fd> held, Exception because) {
    for (Fd each : held) {
      try {
        each.close();
      } catch (OsException e) {
        because.addSuppressed(e);
      }
    }
  }

  private static @org.jspecify.annotations.Nullable Fd bind(
      Kernel kernel, PortMapping mapping, int port) throws OsException {
    String address = mapping.hostIp().isEmpty() ? "::" : mapping.hostIp();
    try {
      return bindAddress(kernel, mapping.protocol(), address, port);
    } catch (OsException e) {
      boolean noIpv6 = e.is(HostNetwork.EAFNOSUPPORT) || e.is(HostNetwork.EADDRNOTAVAIL);
      if (mapping.hostIp().isEmpty() && noIpv6) {
        return bindAddress(kernel, mapping.protocol(), "0.0.0.0", port);
      }
      if (mapping.protocol().equals("sctp") && e.is(HostNetwork.EPROTONOSUPPORT)) {
        return null; // then nobody else can have it either
      }
      throw e;
    }
  }

  private static Fd bindAddress(Kernel kernel, String protocol, String address, int port)
      throws OsException {
    try {
      return HostNetwork.bind(kernel, protocol, address, port, false);
    } catch (OsException e) {
      // Connections of an earlier owner that are about to end are no owner. A datagram socket
      // could share the port with another one by this.
      if (e.is(HostNetwork.EADDRINUSE) && !protocol.equals("udp")) {
        return HostNetwork.bind(kernel, protocol, address, port, true);
      }
      throw e;
    }
  }

  private static EngineException taken(PortMapping mapping, int port, OsException cause) {
    String what =
        "host port "
            + port
            + "/"
            + mapping.protocol()
            + (mapping.hostIp().isEmpty() ? "" : " of " + mapping.hostIp())
            + " for port "
            + Texts.quote(mapping.name());
    String why = String.valueOf(cause.getMessage());
    String remedy = "";
    if (cause.is(HostNetwork.EADDRINUSE)) {
      why = what + " is in use by another process or pod";
      remedy = "choose another one, or find its owner with ss -lpn";
    } else if (cause.is(HostNetwork.EADDRNOTAVAIL)) {
      why = what + ": this host has no such address";
    } else if (cause.is(Errno.EMFILE)) {
      why = what + ": too many open files, and each published port is one";
      remedy = "raise the limit, with ulimit -n for example";
    } else if (cause.is(Errno.EACCES)) {
      why = what + ": ports below 1024 are for root";
    } else {
      why = what + ": " + why;
    }
    return new EngineException(ErrorCode.CONFLICT, ATTEMPTED, why, remedy, cause);
  }
}
