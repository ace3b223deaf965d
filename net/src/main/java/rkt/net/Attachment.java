package rkt.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Command;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.cni.CniError;
import rkt.schema.cni.CniResult;
import rkt.schema.cni.CniVersion;
import rkt.schema.cni.Dns;
import rkt.schema.cni.NetInfo;
import rkt.schema.cni.NetworkConfig;
import rkt.schema.cni.PluginConfig;
import rkt.schema.json.Json;
import rkt.schema.json.JsonWriter;

/** One pod's interface in one network: the plugins of the network, run one after the other. */
final class Attachment {
  /** Where plugins find iptables and the like; nothing of the caller's environment reaches them. */
  static final String SEARCH_PATH = Command.DEFAULT_PATH;

  /** A DHCP server may take its time. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * What is the same for all networks of a pod.
   *
   * @param dns what the user says about name resolution
   */
  record Place(
      Kernel kernel,
      NetLog log,
      PluginPath plugins,
      Path dir,
      String uuid,
      String namespace,
      Dns dns) {}

  /** Writes down how to undo a step. */
  @FunctionalInterface
  interface Recorder {
    /**
     * Called before the step, and again when more is known about it.
     *
     * @param addresses where its address may be left
     */
    void record(PluginCall undo, Optional<Path> addresses) throws OsException;
  }

  /** A plugin does not know the version; the others may have done their part already. */
  private static final class IncompatibleVersion extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final Place place;
  private final SelectedNetwork network;
  private final NetworkConfig config;
  private final String ifName;
  private final List<PortMapping> ports;
  private final Recorder recorder;
  private final PluginRunner runner;
  private final List<PluginCall> made = new ArrayList<>();

  Attachment(
      Place place,
      SelectedNetwork network,
      String ifName,
      List<PortMapping> ports,
      Recorder recorder) {
    this.place = place;
    this.network = network;
    this.config = network.config();
    this.ifName = ifName;
    this.ports = ports;
    this.recorder = recorder;
    this.runner = new PluginRunner(place.kernel(), place.dir());
  }

  /** The interface as it stands when all plugins are done. */
  CniResult add() throws EngineException, OsException {
    copyConfiguration();
    String version = config.versions().size() == 1 ? config.version() : newest(config.versions());
    try {
      return add(version);
    } catch (IncompatibleVersion first) {
      String agreed = new PluginVersions(place, runner).agree(config);
      place.log().debug("network " + config.name() + ": cniVersion " + agreed);
      removeMade();
      try {
        return add(agreed);
      } catch (IncompatibleVersion again) {
        throw failed("its plugins refuse even cniVersion " + agreed + ", which they say they know");
      }
    }
  }

  private static String newest(List<String> versions) {
    String newest = versions.getFirst();
    for (String each : versions) {
      newest = CniVersion.atLeast(each, newest) ? each : newest;
    }
    return newest;
  }

  private CniResult add(String version) throws EngineException, OsException, IncompatibleVersion {
    made.clear();
    CniResult result = CniResult.none(version);
    for (int i = 0; i < config.plugins().size(); i++) {
      PluginConfig plugin = config.plugins().get(i);
      place.log().debug("adding network " + config.name() + " with plugin " + plugin.type());
      PluginCall call = call(i, version, i == 0 ? "" : result.document());
      PluginCall undo = call.with("CNI_COMMAND", "DEL");
      recorder.record(undo, plugin.addressDirectory(config.name()).map(Path::of));
      made.add(undo);
      result = run(call, plugin.type(), version);
    }
    for (int i = 0; i < made.size() && CniVersion.atLeast(version, "0.4.0"); i++) {
      // The specification: DEL and CHECK are told what ADD made, all plugins the same.
      PluginConfig plugin = config.plugins().get(i);
      String input = plugin.input(config.name(), version, runtime(plugin), result.document());
      recorder.record(made.get(i).with(input), Optional.empty());
    }
    return result;
  }

  private CniResult run(PluginCall call, String type, String version)
      throws EngineException, OsException, IncompatibleVersion {
    PluginRunner.Outcome outcome;
    try {
      outcome = runner.run(call, LIMIT);
    } catch (OsException e) {
      throw new EngineException(ErrorCode.RUNTIME, adding(), String.valueOf(e.getMessage()), "", e);
    }
    if (!outcome.succeeded()) {
      if (outcome.status() > 0 && Answers.code(outcome.output()) == CniError.INCOMPATIBLE_VERSION) {
        throw new IncompatibleVersion();
      }
      String said = Answers.error(outcome.output());
      String why =
          said.isEmpty()
              ? "plugin " + call.program() + ": " + outcome.trouble(LIMIT)
              : said + (outcome.status() == 1 ? "" : " (" + outcome.trouble(LIMIT) + ")");
      if (Answers.code(outcome.output()) == CniError.TRY_LATER) {
        throw failed(why, "by the plugin's own word this passes: try again in a moment");
      }
      throw failed(why);
    }
    try {
      return CniResult.parse(outcome.output(), version);
    } catch (SchemaException e) {
      throw failed(
          "error parsing "
              + Texts.quote(type)
              + " result: "
              + e.getMessage()
              + ": "
              + Texts.quote(Answers.shown(outcome.text())));
    }
  }

  private String adding() {
    return "error adding network " + Texts.quote(config.name());
  }

  private EngineException failed(String why) {
    String remedy = "";
    if (why.contains("no IP addresses available")) {
      remedy = "addresses of pods that were killed are freed by rkt gc";
    } else if (why.contains("permission denied") && isIpv6Disabled()) {
      remedy = "IPv6 is disabled on this host (sysctl net.ipv6.conf.all.disable_ipv6)";
    }
    return failed(why, remedy);
  }

  private EngineException failed(String why, String remedy) {
    return EngineException.of(ErrorCode.RUNTIME, adding(), why, remedy);
  }

  private boolean isIpv6Disabled() {
    try {
      String setting = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
      return SmallFiles.readText(place.kernel(), setting, 16).strip().equals("1");
    } catch (OsException noIpv6) {
      return true;
    }
  }

  private PluginCall call(int index, String version, String previous) throws EngineException {
    PluginConfig plugin = config.plugins().get(index);
    String runtime = runtime(plugin);
    boolean asWritten = config.single() && runtime.isEmpty() && version.equals(config.version());
    String input =
        asWritten
            ? new String(network.text(), StandardCharsets.UTF_8)
            : plugin.input(config.name(), version, runtime, previous);
    List<String> environment = new ArrayList<>(8);
    environment.add("PATH=" + SEARCH_PATH);
    environment.add("CNI_COMMAND=ADD");
    environment.add("CNI_VERSION=" + version);
    environment.add("CNI_CONTAINERID=" + place.uuid());
    environment.add("CNI_NETNS=" + place.namespace());
    environment.add("CNI_IFNAME=" + ifName);
    if (!network.args().isEmpty()) {
      environment.add("CNI_ARGS=" + arguments());
    }
    environment.add("CNI_PATH=" + place.plugins().variable());
    String label =
        config.name() + ": " + plugin.type() + (index == 0 ? "" : " (plugin " + (index + 1) + ")");
    boolean check = !config.disableCheck() && CniVersion.atLeast(version, "0.4.0");
    return new PluginCall(
        label,
        place.plugins().get(place.kernel(), plugin.type(), config.name()).toString(),
        List.of(),
        environment,
        input,
        check);
  }

  /** An argument is for one of several plugins, and the others would refuse one unknown to them. */
  private String arguments() {
    return network.args().contains("IgnoreUnknown=")
        ? network.args()
        : network.args() + ";IgnoreUnknown=1";
  }

  /** Values for the capabilities that the plugin has, as JSON; empty for none. */
  private String runtime(PluginConfig plugin) {
    JsonWriter json = JsonWriter.compact().beginObject();
    boolean any = false;
    if (plugin.wants(NetworkPlan.PORT_MAPPINGS) && !ports.isEmpty()) {
      json.name(NetworkPlan.PORT_MAPPINGS).beginArray();
      for (PortMapping port : ports) {
        for (int i = 0; i < port.count(); i++) {
          json.beginObject().name("hostPort").value(port.hostPort() + i);
          json.name("containerPort").value(port.podPort() + i);
          json.name("protocol").value(port.protocol());
          if (!port.hostIp().isEmpty()) {
            json.name("hostIP").value(port.hostIp());
          }
          json.endObject();
        }
      }
      json.endArray();
      any = true;
    }
    String ip = argument("IP");
    if (plugin.wants("ips") && !ip.isEmpty()) {
      json.name("ips").strings(List.of(ip));
      any = true;
    }
    String mac = argument("MAC");
    if (plugin.wants("mac") && !mac.isEmpty()) {
      json.name("mac").value(mac);
      any = true;
    }
    Dns dns = place.dns();
    if (plugin.wants("dns") && !(dns.nameservers().isEmpty() && dns.search().isEmpty())) {
      // These names are the convention's; results have others.
      json.name("dns").beginObject().name("servers").strings(dns.nameservers());
      json.name("searches").strings(dns.search()).endObject();
      any = true;
    }
    String text = json.endObject().toString();
    return any ? text : "";
  }

  private String argument(String name) {
    for (String each : network.args().split(";")) {
      if (each.startsWith(name + "=")) {
        return each.substring(name.length() + 1);
      }
    }
    return "";
  }

  private Path configuration() {
    return place.dir().resolve(network.file());
  }

  /** So that whoever looks at the pod later sees by what it was made. */
  private void copyConfiguration() throws OsException {
    rkt.os.AtomicFiles.replace(place.kernel(), configuration(), network.text(), 0640);
  }

  /** The last one first. */
  private void removeMade() throws OsException {
    for (int i = made.size() - 1; i >= 0; i--) {
      PluginRunner.Outcome outcome = runner.run(made.get(i), LIMIT);
      if (!outcome.succeeded()) {
        place.log().debug("undoing " + made.get(i).label() + ": " + outcome.text());
      }
    }
  }

  /** For {@code net-info.json}. */
  NetInfo info(CniResult result) {
    String program = made.isEmpty() ? "" : made.getFirst().program();
    return NetInfo.of(
        config.name(), configuration().toString(), program, ifName, network.args(), result);
  }

  /** The versions that plugins say they know; each is asked once. */
  static final class PluginVersions {
    private final Place place;
    private final PluginRunner runner;

    PluginVersions(Place place, PluginRunner runner) {
      this.place = place;
      this.runner = runner;
    }

    /** The newest version of the network's, or an older one, that all its plugins know. */
    String agree(NetworkConfig config) throws EngineException, OsException {
      List<List<String>> all = new ArrayList<>();
      StringBuilder told = new StringBuilder();
      for (PluginConfig plugin : config.plugins()) {
        List<String> versions = versions(config, plugin);
        all.add(versions);
        told.append(told.isEmpty() ? "" : "; ").append(plugin.type()).append(" knows ");
        told.append(String.join(", ", versions));
      }
      Optional<String> agreed = CniVersion.common(newest(config.versions()), all);
      if (agreed.isPresent()) {
        return agreed.get();
      }
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          "error adding network " + Texts.quote(config.name()),
          "its plugins and cniVersion " + config.version() + " have no version in common: " + told,
          "change cniVersion in the configuration, or update the plugins");
    }

    private List<String> versions(NetworkConfig config, PluginConfig plugin)
        throws EngineException, OsException {
      Path program = place.plugins().get(place.kernel(), plugin.type(), config.name());
      PluginCall call =
          new PluginCall(
              plugin.type(),
              program.toString(),
              List.of(),
              List.of("PATH=" + SEARCH_PATH, "CNI_COMMAND=VERSION"),
              "{\"cniVersion\":\"1.0.0\"}",
              false);
      PluginRunner.Outcome outcome = runner.run(call, LIMIT);
      try {
        List<String> versions = Json.parseObject(outcome.output(), "").strings("supportedVersions");
        // A plugin of before the verb VERSION knows the first version.
        return versions.isEmpty() ? List.of(CniVersion.OLDEST) : versions;
      } catch (SchemaException e) {
        return List.of(CniVersion.OLDEST);
      }
    }
  }
}
