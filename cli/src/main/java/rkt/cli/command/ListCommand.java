package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.LocalZone;
import rkt.cli.render.Table;
import rkt.cli.render.Times;
import rkt.pod.AppView;
import rkt.pod.PodState;
import rkt.pod.PodView;
import rkt.schema.EngineException;
import rkt.schema.cni.NetInfo;
import rkt.schema.json.JsonWriter;

/** {@code rkt list}. */
final class ListCommand extends Command {
  ListCommand() {
    super("list", "");
  }

  @Override
  public String description() {
    return "Lists every pod: being prepared, prepared, running, and ended ones until gc takes them.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.bool("no-legend", "suppress a legend with the list"))
        .add(Flag.bool("full", "use long output format"))
        .add(Format.flag());
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    invocation.noArguments();
    Format format = Format.of(invocation.flags());
    List<PodView> pods = invocation.engine().pods().list();
    Problems problems = new Problems("pods");
    if (format == Format.TABLE) {
      table(invocation, pods, problems);
    } else {
      json(invocation, pods, format.writer(), problems);
    }
    problems.report(invocation);
    return 0;
  }

  private static void json(
      Invocation invocation, List<PodView> pods, JsonWriter json, Problems problems) {
    boolean any = false;
    for (PodView pod : pods) {
      if (pod.createdNanos().isEmpty()) {
        if (!pod.state().onTheMove()) {
          problems.add("pod " + pod.uuid() + ": invalid creation time");
        }
        continue;
      }
      noteProblem(pod, problems);
      if (!any) {
        json.beginArray();
        any = true;
      }
      PodJson.write(json, pod);
    }
    if (any) {
      json.endArray();
    } else {
      json.nullValue();
    }
    invocation.json(json.toString());
  }

  private static void table(Invocation invocation, List<PodView> pods, Problems problems) {
    boolean full = invocation.flags().on("full");
    Rows rows =
        new Rows(
            full,
            anyPorts(pods),
            System.currentTimeMillis() / 1000,
            full ? LocalZone.system() : LocalZone.UTC);
    if (!invocation.flags().on("no-legend")) {
      rows.legend();
    }
    for (PodView pod : pods) {
      noteProblem(pod, problems);
      rows.pod(pod);
    }
    invocation.console().write(rows.toString());
  }

  private static boolean anyPorts(List<PodView> pods) {
    for (PodView pod : pods) {
      for (NetInfo network : pod.networks()) {
        if (!network.ports().isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  /** A pod that is, or was when it was given up, half made or half removed may lack a manifest. */
  static void noteProblem(PodView pod, Problems problems) {
    boolean partial = pod.state().onTheMove() || pod.state() == PodState.ABORTED_PREPARE;
    if (pod.problem().isPresent() && !partial) {
      problems.add("Unable to read pod " + pod.uuid() + " manifest: " + pod.problem().get());
    }
  }

  /** The rows of the table: one per app, the pod's own columns on its first one only. */
  static final class Rows {
    private final Table table = new Table();
    private final boolean full;
    private final boolean ports;
    private final long nowSeconds;
    private final LocalZone zone;

    /**
     * @param ports whether there is a column for published ports
     */
    Rows(boolean full, boolean ports, long nowSeconds, LocalZone zone) {
      this.full = full;
      this.ports = ports;
      this.nowSeconds = nowSeconds;
      this.zone = zone;
    }

    @Override
    public String toString() {
      return table.toString();
    }

    void legend() {
      row(
          "UUID",
          "APP",
          "IMAGE NAME",
          "IMAGE ID",
          "STATE",
          "CREATED",
          "STARTED",
          "NETWORKS",
          "PORTS");
    }

    void pod(PodView pod) {
      String uuid = full ? pod.uuid().toString() : pod.uuid().shortForm();
      String state = pod.state().text();
      String created = time(pod.createdNanos(), full ? "" : "a long while ago");
      String started = time(pod.startedNanos(), "");
      String networks = networks(pod);
      String published = ports(pod);
      if (pod.apps().isEmpty()) {
        row(uuid, "-", "-", "-", state, created, started, networks, published);
        return;
      }
      boolean first = true;
      for (AppView app : pod.apps()) {
        String name = app.name().toString();
        String image = app.imageName().orElse("--");
        String id = app.imageId().shortForm();
        if (first) {
          row(uuid, name, image, id, state, created, started, networks, published);
        } else {
          row("", name, image, id, "", "", "", "", "");
        }
        first = false;
      }
    }

    private void row(String uuid, String app, String image, String id, String... rest) {
      List<String> cells = new ArrayList<>(9);
      cells.add(uuid);
      cells.add(app);
      cells.add(image);
      if (full) {
        cells.add(id);
      }
      for (int i = 0; i < rest.length - (ports ? 0 : 1); i++) {
        cells.add(rest[i]);
      }
      table.row(cells);
    }

    private String time(OptionalLong nanos, String unknown) {
      if (nanos.isEmpty()) {
        return unknown;
      }
      long value = nanos.getAsLong();
      return full
          ? Times.full(value, zone)
          : Times.relative(Math.floorDiv(value, 1_000_000_000L), nowSeconds);
    }
  }

  /** {@code name:ip4=A.B.C.D} joined with comma and blank; an IPv6 address follows as ip6. */
  static String networks(PodView pod) {
    StringBuilder text = new StringBuilder();
    for (NetInfo network : pod.networks()) {
      text.append(text.isEmpty() ? "" : ", ").append(network.netName());
      if (!network.ip().isEmpty() || network.ip6().isEmpty()) {
        text.append(":ip4=").append(network.ip());
      }
      if (!network.ip6().isEmpty()) {
        text.append(":ip6=").append(network.ip6());
      }
    }
    return text.toString();
  }

  /** {@code [HOSTIP:]HOSTPORT->PODPORT/PROTOCOL} joined with comma and blank. */
  static String ports(PodView pod) {
    StringBuilder text = new StringBuilder();
    for (NetInfo network : pod.networks()) {
      for (NetInfo.PublishedPort port : network.ports()) {
        text.append(text.isEmpty() ? "" : ", ");
        boolean ipv6 = port.hostIp().indexOf(':') >= 0;
        if (!port.hostIp().isEmpty()) {
          text.append(ipv6 ? "[" : "").append(port.hostIp()).append(ipv6 ? "]:" : ":");
        }
        range(text, port.hostPort(), port.count()).append("->");
        range(text, port.podPort(), port.count()).append('/').append(port.protocol());
      }
    }
    return text.toString();
  }

  private static StringBuilder range(StringBuilder text, int first, int count) {
    text.append(first);
    return count > 1 ? text.append('-').append(first + count - 1) : text;
  }
}
