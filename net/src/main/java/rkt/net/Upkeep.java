package rkt.net;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.cni.CniVersion;
import rkt.schema.cni.GcInput;
import rkt.schema.cni.NetworkConfig;
import rkt.schema.cni.PluginConfig;
import rkt.schema.json.Json;

/**
 * The verbs CHECK and GC: whether networks are as their plugins left them, and what nobody uses.
 */
public final class Upkeep {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Kernel kernel;
  private final NetLog log;
  private final PluginRunner runner;

  /**
   * @param scratch a directory for the plugins' input and output
   */
  public Upkeep(Kernel kernel, NetLog log, Path scratch) {
    this.kernel = kernel;
    this.log = log;
    this.runner = new PluginRunner(kernel, scratch);
  }

  /**
   * Asks the plugins of a running pod, in the order in which they were added.
   *
   * @return what is wrong
   */
  public List<String> check(int podDir) throws OsException {
    List<String> problems = new ArrayList<>();
    TeardownFile file = TeardownFile.read(kernel, podDir);
    List<PluginCall> calls = file == null ? List.of() : file.calls();
    for (int i = calls.size() - 1; i >= 0; i--) {
      PluginCall call = calls.get(i);
      if (call.check()) {
        PluginRunner.Outcome outcome = runner.run(call.with("CNI_COMMAND", "CHECK"), LIMIT);
        if (!outcome.succeeded()) {
          String said = Answers.error(outcome.output());
          problems.add(call.label() + ": " + (said.isEmpty() ? outcome.trouble(LIMIT) : said));
        }
      }
    }
    return problems;
  }

  /** A network and an interface that a pod has in it. */
  public record InUse(String network, GcInput.Attachment attachment) {}

  /** What a pod has, or may still have. */
  public List<InUse> inUse(int podDir) throws OsException {
    List<InUse> out = new ArrayList<>();
    TeardownFile file = TeardownFile.read(kernel, podDir);
    for (PluginCall call : file == null ? List.<PluginCall>of() : file.calls()) {
      String ifName = call.variable("CNI_IFNAME");
      if (!ifName.isEmpty()) {
        try {
          String network = Json.parseObject(call.input(), "").string("name", "");
          String pod = call.variable("CNI_CONTAINERID");
          out.add(new InUse(network, new GcInput.Attachment(pod, ifName)));
        } catch (SchemaException e) {
          log.debug("teardown file of " + call.label() + ": " + e.getMessage());
        }
      }
    }
    return out;
  }

  /**
   * Frees addresses of pods that are gone without a trace, and tells plugins what is in use, so
   * that they free the rest (1.1.0). A failure is reported and keeps nothing else.
   *
   * @param dirs directories with configurations
   */
  public void collect(List<Path> dirs, PluginPath plugins, List<InUse> used)
      throws EngineException, OsException {
    for (NetworkConfig network : new NetworkFiles(kernel, log, true).all(dirs)) {
      for (PluginConfig plugin : network.plugins()) {
        Optional<String> addresses = plugin.addressDirectory(network.name());
        if (addresses.isPresent()) {
          new Reservations(kernel, log).freeOrphans(Path.of(addresses.get()));
        }
      }
      if (network.disableGc() || !CniVersion.atLeast(network.version(), "1.1.0")) {
        continue;
      }
      List<GcInput.Attachment> valid = new ArrayList<>();
      for (InUse each : used) {
        if (each.network().equals(network.name()) && !valid.contains(each.attachment())) {
          valid.add(each.attachment());
        }
      }
      for (PluginConfig plugin : network.plugins()) {
        collect(network, plugin, plugins, valid);
      }
    }
  }

  private void collect(
      NetworkConfig network,
      PluginConfig plugin,
      PluginPath plugins,
      List<GcInput.Attachment> valid)
      throws EngineException, OsException {
    PluginCall call =
        new PluginCall(
            network.name() + ": " + plugin.type(),
            plugins.get(kernel, plugin.type(), network.name()).toString(),
            List.of(),
            List.of(
                "PATH=" + Attachment.SEARCH_PATH,
                "CNI_COMMAND=GC",
                "CNI_PATH=" + plugins.variable()),
            GcInput.of(plugin, network.name(), network.version(), valid),
            false);
    PluginRunner.Outcome outcome = runner.run(call, LIMIT);
    boolean unknown =
        Answers.code(outcome.output()) == rkt.schema.cni.CniError.INCOMPATIBLE_VERSION;
    if (!outcome.succeeded() && !unknown) {
      log.note(
          "error collecting garbage of network "
              + Texts.quote(network.name())
              + ": "
              + Answers.error(outcome.output()));
    }
  }
}
