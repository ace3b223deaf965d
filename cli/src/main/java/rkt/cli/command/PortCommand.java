package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.Table;
import rkt.pod.PodView;
import rkt.schema.EngineException;
import rkt.schema.Texts;
import rkt.schema.appc.PodUuid;
import rkt.schema.cni.NetInfo;
import rkt.schema.cni.NetInfo.PublishedPort;
import rkt.schema.json.JsonWriter;

/** {@code rkt port}: where the published ports of a pod are reached. */
final class PortCommand extends Command {
  PortCommand() {
    super("port", "--uuid-file=FILE | UUID");
  }

  @Override
  public String description() {
    return "Lists the ports of the host that lead into a pod. Without an address given to\n"
        + "rkt run --port, they lead there from all addresses of the host.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.text("name", "", "only the port of this name, which must be published"))
        .add(Flag.bool("no-legend", "suppress a legend with the list"))
        .add(PodArgument.uuidFile())
        .add(Format.flag());
  }

  @Override
  public String completion() {
    return "__rkt_pods";
  }

  /** A port as one address family of the host has it. */
  private record Row(PublishedPort port, String network, String hostIp) {}

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    Format format = Format.of(invocation.flags());
    PodUuid uuid = PodArgument.one(invocation, invocation.engine().pods(), ExitCodes.UUID_FILE);
    String name = invocation.flags().value("name");
    List<Row> rows = rows(invocation.engine().pods().view(uuid), name);
    if (rows.isEmpty() && !name.isEmpty()) {
      throw CommandFailure.of("pod " + uuid + " has no published port " + Texts.quote(name));
    }
    if (format == Format.TABLE) {
      table(invocation, rows);
    } else {
      invocation.json(json(rows, format));
    }
    return 0;
  }

  private static List<Row> rows(PodView pod, String name) {
    List<Row> rows = new ArrayList<>();
    for (NetInfo network : pod.networks()) {
      for (PublishedPort port : network.ports()) {
        if (!name.isEmpty() && !port.name().equals(name)) {
          continue;
        }
        if (!port.hostIp().isEmpty()) {
          rows.add(new Row(port, network.netName(), port.hostIp()));
          continue;
        }
        if (!network.ip().isEmpty() || network.ip6().isEmpty()) {
          rows.add(new Row(port, network.netName(), "0.0.0.0"));
        }
        if (!network.ip6().isEmpty()) {
          rows.add(new Row(port, network.netName(), "::"));
        }
      }
    }
    return rows;
  }

  private static void table(Invocation invocation, List<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    Table table = new Table();
    if (!invocation.flags().on("no-legend")) {
      table.row("NAME", "PORT", "HOST", "NETWORK");
    }
    for (Row row : rows) {
      PublishedPort port = row.port();
      boolean ipv6 = row.hostIp().indexOf(':') >= 0;
      table.row(
          port.name(),
          range(port.podPort(), port.count()) + "/" + port.protocol(),
          (ipv6 ? "[" + row.hostIp() + "]" : row.hostIp())
              + ":"
              + range(port.hostPort(), port.count()),
          row.network());
    }
    invocation.console().write(table.toString());
  }

  private static String range(int first, int count) {
    return count > 1 ? first + "-" + (first + count - 1) : Integer.toString(first);
  }

  private static String json(List<Row> rows, Format format) {
    JsonWriter json = format.writer().beginArray();
    for (Row row : rows) {
      PublishedPort port = row.port();
      json.beginObject().name("name").value(port.name());
      json.name("network").value(row.network());
      json.name("protocol").value(port.protocol());
      json.name("hostIP").value(row.hostIp());
      json.name("hostPort").value(port.hostPort());
      json.name("podPort").value(port.podPort());
      json.name("count").value(port.count());
      json.endObject();
    }
    return json.endArray().toString();
  }
}
