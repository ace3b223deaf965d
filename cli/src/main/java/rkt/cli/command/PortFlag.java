package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.net.NetRequest;
import rkt.schema.SchemaException;
import rkt.schema.appc.ExposedPort;

/** {@code --port}: ports of the host that lead to ports of the pod. */
final class PortFlag {
  private PortFlag() {}

  static void flags(FlagSet flags) {
    flags.add(
        Flag.repeated(
            "port",
            "ports of the host that lead to the pod. Syntax: --port=NAME:[HOSTIP:]HOSTPORT, where"
                + " NAME is a port that an app of the pod declares; an IPv6 address stands in"
                + " brackets"));
  }

  static List<ExposedPort> ports(FlagSet flags) throws CommandFailure {
    List<ExposedPort> ports = new ArrayList<>();
    for (String text : flags.all("port")) {
      try {
        ports.add(ExposedPort.parse(text));
      } catch (SchemaException e) {
        throw CommandFailure.of("invalid value in --port: " + e.getMessage());
      }
    }
    return ports;
  }

  /** Where the pod has no network of its own, no port can lead into it. */
  static void check(FlagSet flags, NetRequest networks) throws CommandFailure {
    if (!flags.given("port") || System.getenv("LISTEN_FDS") != null) {
      return; // or says which sockets are for which ports: PublishedPorts sees what is left
    }
    switch (networks.kind()) {
      case HOST ->
          throw CommandFailure.of(
              "--port flag does not work with 'host' networking (the app's ports are the host's)");
      case NONE -> throw CommandFailure.of("--port flag does not work with 'none' networking");
      case NAMESPACE ->
          throw CommandFailure.of("--port flag does not work with an existing namespace (ns:PATH)");
      case NETWORKS -> {}
    }
  }
}
