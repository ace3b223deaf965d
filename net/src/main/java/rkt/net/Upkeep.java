package rkt.net;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.FileLock;
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

  private static final Path LOCK_DIRECTORY = Path.of("/run/rkt");

  /**
   * Held exclusively for GC and shared for ADD, whatever data directories they work for: the
   * specification has them exclude each other, since a plugin frees what GC does not know of.
   */
  private static final Path LOCK = LOCK_DIRECTORY.resolve("networks.lock");

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
   * While it is open no pod joins a network whose plugins would be told about it: what {@link
   * #inUse} says stays true for {@link #collect}.
   */
  public FileLock holdPodsBack() throws OsException {
    NetworkNamespace.directory(kernel, LOCK_DIRECTORY);
    return FileLock.keyExclusive(kernel, LOCK);
  }

  /** While it is open no plugin is told what is in use. */
  static FileLock holdGcBack(Kernel kernel) throws OsException {
    NetworkNamespace.directory(kernel, LOCK_DIRECTORY);
    return FileLock.keyShared(kernel, LOCK);
  }

  /** Whether plugins are told what is in use. */
  static boolean collects(NetworkConfig network) {
    return !network.disableGc() && CniVersion.atLeast(network.version(), "1.1.0");
  }

  /**
   * Frees addresses of pods that are gone without a trace, and tells plugins what is in use, so
   * that they free the rest (1.1.0). A failure is reported and keeps nothing else.
   *
   * @param dirs directories with configurations
   * @param used by the pods of this data directory
   */
  public void collect(List<Path> dirs, PluginPath plugins, List<InUse> used)
      throws EngineException, OsException {
    List<NetworkConfig> networks = new NetworkFiles(kernel, log, true).all(dirs);
    List<GcInput.Attachment> foreign = foreign(used, networks.size());
    for (NetworkConfig network : networks) {
      for (PluginConfig plugin : network.plugins()) {
        Optional<String> addresses = plugin.addressDirectory(network.name());
        if (addresses.isPresent()) {
          new Reservations(kernel, log).freeOrphans(Path.of(addresses.get()));
        }
      }
      if (!collects(network)) {
        continue;
      }
      List<GcInput.Attachment> valid = new ArrayList<>(foreign);
      for (InUse each : used) {
        if (each.network().equals(network.name()) && !valid.contains(each.attachment())) {
          valid.add(each.attachment());
        }
      }
      for (PluginConfig plugin : network.plugins()) {
        try {
          collect(network, plugin, plugins, valid);
        } catch (EngineException e) {
          failed(network, e.why());
        } catch (OsException e) {
          failed(network, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /**
   * Pods of other data directories: which networks they are in is not known here, so every
   * interface that they may have is in use in all.
   */
  private List<GcInput.Attachment> foreign(List<InUse> used, int networks) throws OsException {
    List<GcInput.Attachment> out = new ArrayList<>();
    for (String uuid : Teardown.namespaces(kernel)) {
      boolean ours = used.stream().anyMatch(each -> each.attachment().containerId().equals(uuid));
      for (int i = 0; !ours && i < networks; i++) {
        out.add(new GcInput.Attachment(uuid, "eth" + i));
      }
    }
    return out;
  }

  private void failed(NetworkConfig network, String why) {
    log.note("error collecting garbage of network " + Texts.quote(network.name()) + ": " + why);
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
      String said = Answers.error(outcome.output());
      failed(network, call.label() + ": " + (said.isEmpty() ? outcome.trouble(LIMIT) : said));
    }
  }
}
