package rkt.pod;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SocketName;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.Port;
import rkt.stage1.PassedSocket;
import rkt.stage1.ServiceLink;

/**
 * Gives the sockets that rkt was started with to the apps whose images ask for them.
 *
 * <p>A socket belongs to the app with a socket-activated port of the same protocol and number: the
 * number that {@code --port} gives to it, else the port's own. A Unix socket has no number and is
 * known by the name the service manager gave to it. What belongs to no app reaches none, and what
 * two would have is refused.
 */
final class SocketActivation {
  /** As many as the supervisor passes to one app: LISTEN_MAX in native/supervisor. */
  private static final int MOST_OF_AN_APP = 64;

  private final Kernel kernel;
  private final ServiceManager manager;
  private final Reporter reporter;
  private final Map<Integer, SocketName> sockets = new LinkedHashMap<>();
  private final Map<Integer, String> owners = new LinkedHashMap<>();

  private SocketActivation(Kernel kernel, ServiceManager manager, Reporter reporter) {
    this.kernel = kernel;
    this.manager = manager;
    this.reporter = reporter;
  }

  /**
   * What ties the pod to the service manager.
   *
   * @throws EngineException as {@link #match}
   */
  static ServiceLink link(Kernel kernel, ServiceManager manager, PreparedPod pod, Reporter reporter)
      throws EngineException {
    Optional<String> notify = manager.notifySocket();
    if (notify.isPresent() && !manager.isNotifiable()) {
      reporter.note(
          "stage1",
          "warning: NOTIFY_SOCKET is not the address of a Unix socket, nobody is told that the pod"
              + " is ready: "
              + Texts.quote(notify.get()));
      notify = Optional.empty();
    }
    return new ServiceLink(notify, manager.watchdogMicros(), match(kernel, manager, pod, reporter));
  }

  /**
   * Finds the sockets of each app.
   *
   * @throws EngineException when a port has no socket, or a socket would have two apps
   */
  static Map<String, List<PassedSocket>> match(
      Kernel kernel, ServiceManager manager, PreparedPod pod, Reporter reporter)
      throws EngineException {
    SocketActivation activation = new SocketActivation(kernel, manager, reporter);
    activation.open();
    Map<String, List<PassedSocket>> matched = new LinkedHashMap<>();
    for (PreparedApp app : pod.apps()) {
      for (Port port : app.app().ports()) {
        if (port.socketActivated()) {
          activation.claim(app.name(), port, pod.manifest().ports());
        }
      }
      List<PassedSocket> passed = activation.of(app.name());
      if (!passed.isEmpty()) {
        matched.put(app.name(), passed);
      }
    }
    activation.reportUnclaimed();
    return matched;
  }

  /** From here on no other program that rkt starts inherits them. */
  private void open() throws EngineException {
    for (int fd = ServiceManager.FIRST; fd < ServiceManager.FIRST + manager.sockets(); fd++) {
      try {
        kernel.setCloexec(fd, true);
        sockets.put(fd, SocketName.of(fd));
      } catch (OsException e) {
        if (e.is(Errno.EBADF)) {
          throw new EngineException(
              ErrorCode.INVALID,
              "cannot take the sockets passed to rkt",
              "LISTEN_FDS says " + manager.sockets() + ", but descriptor " + fd + " is not open",
              "",
              e);
        }
        // A FIFO, a file or a message queue: systemd passes these, too.
      }
    }
  }

  private void claim(String app, Port port, List<ExposedPort> exposed) throws EngineException {
    String protocol = port.protocol().isEmpty() ? "tcp" : port.protocol().toLowerCase(Locale.ROOT);
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted(app),
          "port "
              + Texts.quote(port.name().value())
              + " is socket-activated and of protocol "
              + Texts.quote(protocol)
              + "; only tcp and udp sockets can be passed");
    }
    boolean named = false;
    for (Map.Entry<Integer, SocketName> socket : sockets.entrySet()) {
      if (socket.getValue().isUnix()
          && socket.getValue().serves(protocol)
          && manager.name(socket.getKey()).equals(port.name().value())) {
        own(app, port, socket.getKey());
        named = true;
      }
    }
    if (named) {
      return;
    }
    ExposedPort place = find(port, exposed);
    if (place == null && manager.sockets() > 0) {
      reporter.note(
          "stage1",
          "warning: no --port option for socket-activated port "
              + Texts.quote(port.name().value())
              + ", assuming port "
              + port.port()
              + " as specified in the manifest");
    }
    int first = place == null ? port.port() : place.hostPort();
    Optional<String> address = place == null ? Optional.empty() : place.hostIp();
    for (int number = first; number < first + port.count(); number++) {
      claim(app, port, protocol, address, number);
    }
  }

  private void claim(String app, Port port, String protocol, Optional<String> address, int number)
      throws EngineException {
    boolean found = false;
    for (Map.Entry<Integer, SocketName> socket : sockets.entrySet()) {
      SocketName name = socket.getValue();
      if (name.isIp()
          && name.port() == number
          && name.serves(protocol)
          && (address.isEmpty() || isSame(address.get(), name.address()))) {
        own(app, port, socket.getKey());
        found = true;
      }
    }
    if (!found) {
      String of = address.isEmpty() ? "" : " of " + address.get();
      throw missing(app, port, protocol + " port " + number + of, number);
    }
  }

  private static boolean isSame(String literal, String other) {
    return InetAddress.ofLiteral(literal).equals(InetAddress.ofLiteral(other));
  }

  private static @Nullable ExposedPort find(Port port, List<ExposedPort> exposed) {
    for (ExposedPort each : exposed) {
      if (each.name().equals(port.name())) {
        return each;
      }
    }
    return null;
  }

  private void own(String app, Port port, int fd) throws EngineException {
    String owner = owners.putIfAbsent(fd, app);
    if (owner != null && !owner.equals(app)) {
      throw EngineException.of(
          ErrorCode.CONFLICT,
          attempted(app),
          "port "
              + Texts.quote(port.name().value())
              + " would have the socket "
              + text(fd)
              + ", which is that of app "
              + Texts.quote(owner),
          "give the ports different numbers with --port");
    }
  }

  private EngineException missing(String app, Port port, String wanted, int number) {
    StringBuilder passed = new StringBuilder();
    for (int fd : sockets.keySet()) {
      passed.append(passed.isEmpty() ? "" : ", ").append(text(fd));
    }
    String why =
        "port "
            + Texts.quote(port.name().value())
            + " is socket-activated, and rkt was started "
            + (sockets.isEmpty()
                ? "without any socket"
                : "with no listening socket for " + wanted + ", only with " + passed);
    String remedy =
        "start rkt from a systemd socket unit with "
            + (wanted.startsWith("udp") ? "ListenDatagram=" : "ListenStream=")
            + number;
    return EngineException.of(ErrorCode.INVALID, attempted(app), why, remedy);
  }

  private String text(int fd) {
    SocketName name = sockets.get(fd);
    return name == null ? "descriptor " + fd : Texts.printable(name.text());
  }

  private static String attempted(String app) {
    return "cannot pass sockets to app " + Texts.quote(app);
  }

  private List<PassedSocket> of(String app) throws EngineException {
    List<PassedSocket> passed = new ArrayList<>();
    for (int fd : sockets.keySet()) {
      if (app.equals(owners.get(fd))) {
        passed.add(new PassedSocket(fd, manager.name(fd)));
      }
    }
    if (passed.size() > MOST_OF_AN_APP) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted(app),
          passed.size() + " are meant for it, and at most " + MOST_OF_AN_APP + " can be passed");
    }
    return passed;
  }

  private void reportUnclaimed() {
    for (int fd = ServiceManager.FIRST; fd < ServiceManager.FIRST + manager.sockets(); fd++) {
      if (!owners.containsKey(fd)) {
        reporter.note(
            "stage1",
            "warning: "
                + text(fd)
                + " was passed to rkt, but no app has a socket-activated port for it");
      }
    }
  }
}
