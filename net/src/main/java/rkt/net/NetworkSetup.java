package rkt.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.HostNetwork;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Uninterruptibly;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.cni.CniResult;
import rkt.schema.cni.Dns;
import rkt.schema.cni.NetInfo;
import rkt.schema.cni.NetworkConfig;

/**
 * Makes a pod's network namespace and connects it, on a thread of its own that stays in the host's
 * namespaces, while others mount and plan.
 *
 * <p>Whoever starts it must {@link #await} it, whatever else fails. What it made is undone by
 * {@link Teardown} from the pod's directory, by gc as well as by the failing launch itself.
 */
public final class NetworkSetup {
  private static final String ATTEMPTED = "failed to setup network";

  private final Kernel kernel;
  private final NetLog log;
  private final NetworkPlan plan;
  private final Path pod;
  private final String uuid;
  private final Path dir;
  private final List<PluginCall> undo = new ArrayList<>();
  private final List<Path> reclaim = new ArrayList<>();
  private final Thread thread;
  private final CountDownLatch connected = new CountDownLatch(1);
  private volatile @Nullable PodNetwork network;
  private @Nullable EngineException failure;
  private @Nullable Throwable defect;

  private NetworkSetup(Kernel kernel, NetLog log, NetworkPlan plan, Path pod, String uuid) {
    this.kernel = kernel;
    this.log = log;
    this.plan = plan;
    this.pod = pod;
    this.uuid = uuid;
    this.dir = pod.resolve("net");
    this.thread = new Thread(this::work, "network");
  }

  /**
   * Begins.
   *
   * @param pod the pod's directory
   */
  public static NetworkSetup start(
      Kernel kernel, NetLog log, NetworkPlan plan, Path pod, String uuid) {
    NetworkSetup setup = new NetworkSetup(kernel, log, plan, pod, uuid);
    setup.thread.start();
    return setup;
  }

  /**
   * Waits until the addresses are known, or nothing will come of it. Rules for ports and for the
   * way out may still be under way: nothing may run in the pod before {@link #await}.
   */
  public void awaitAddresses() {
    Uninterruptibly.await(connected);
  }

  /** What is known so far; after {@link #awaitAddresses}. */
  public Optional<PodNetwork> soFar() {
    return Optional.ofNullable(network);
  }

  /** Waits until it is done. */
  public PodNetwork await() throws EngineException {
    finish();
    EngineException failed = failure;
    if (failed != null) {
      throw failed;
    }
    if (defect instanceof RuntimeException e) {
      throw e;
    }
    if (defect instanceof Error e) {
      throw e;
    }
    PodNetwork made = network;
    if (made == null) {
      throw new IllegalStateException("no network and no failure");
    }
    return made;
  }

  /** Waits until nothing happens any more; for a launch that has failed elsewhere. */
  public void finish() {
    // What it made so far must be known before it can be undone.
    Uninterruptibly.join(thread);
  }

  private void work() {
    try {
      network = make();
    } catch (EngineException e) {
      failure = e;
    } catch (OsException e) {
      failure = system(e);
    } catch (RuntimeException | Error e) {
      defect = e;
    } finally {
      connected.countDown();
    }
  }

  private static EngineException system(OsException e) {
    ErrorCode code = e.is(Errno.ENOSPC) ? ErrorCode.NO_SPACE : ErrorCode.SYSTEM;
    return new EngineException(code, ATTEMPTED, String.valueOf(e.getMessage()), "", e);
  }

  private PodNetwork make() throws EngineException, OsException {
    if (plan.request().namespace().isPresent()) {
      return join(plan.request().namespace().get());
    }
    List<Fd> held = PublishedPorts.reserve(kernel, plan.ports());
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), 0750);
      saveUndo();
      Path path = Teardown.namespace(uuid);
      Fd namespace = NetworkNamespace.make(kernel, path);
      log.debug("network namespace " + path);
      return connect(namespace, path, held);
    } catch (EngineException | OsException | RuntimeException e) {
      PublishedPorts.release(held, e);
      throw e;
    }
  }

  private PodNetwork join(Path path) throws EngineException {
    try {
      return new PodNetwork(
          NetworkNamespace.open(kernel, path), List.of(), List.of(), Dns.NONE, "");
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          "cannot join network namespace " + path,
          String.valueOf(e.getMessage()),
          "name the file of a network namespace, for example /run/netns/NAME",
          e);
    }
  }

  private PodNetwork connect(Fd namespace, Path path, List<Fd> held)
      throws EngineException, OsException {
    List<NetInfo> infos = new ArrayList<>();
    Dns dns = Dns.NONE;
    String dnsNetwork = "";
    List<CniResult.Address> addresses = List.of();
    List<CniResult.Address> hide = new ArrayList<>();
    String targetHost = "";
    for (int i = 0; i < plan.networks().size(); i++) {
      SelectedNetwork network = plan.networks().get(i).network();
      Attachment attachment =
          new Attachment(
              new Attachment.Place(
                  kernel, log, plan.plugins(), dir, uuid, variable(path), plan.dns()),
              network,
              "eth" + i,
              i == plan.target() ? plan.ports() : List.of(),
              this::record);
      CniResult result = add(attachment, network.config());
      String host = hostAddress(result.addresses());
      NetInfo info = attachment.info(result).withHost(host);
      if (i == plan.target()) {
        info = info.with(published());
        addresses = result.addresses();
        if (plan.forwardsItself()) {
          PublishedPorts.check(plan.ports(), addresses, network.config().name());
        }
        targetHost = host;
      }
      if (network.builtIn()) {
        refuseForgedSources(result);
      }
      if (network.masquerade()) {
        hide.addAll(result.addresses());
      }
      infos.add(info);
      if (!result.dns().isEmpty()) {
        if (dns.isEmpty()) {
          dns = result.dns();
          dnsNetwork = network.config().name();
        } else {
          log.note(
              "Warning: network "
                  + network.config().name()
                  + " plugin specified DNS configuration, but DNS already supplied");
        }
      }
    }
    PodNetwork made = new PodNetwork(namespace, held, infos, dns, dnsNetwork);
    network = made;
    connected.countDown();
    if (plan.forwardsItself() || !hide.isEmpty()) {
      new HostRules(kernel, log, plan, dir, uuid).add(addresses, hide, targetHost, this::record);
    }
    AtomicFiles.replace(
        kernel,
        pod.resolve("net-info.json"),
        NetInfo.write(infos).getBytes(StandardCharsets.UTF_8),
        0640);
    return made;
  }

  /**
   * What comes from the pod must bear the pod's address: CAP_NET_RAW, which apps have, could send
   * in the name of other pods, and be masqueraded as they are. The link is the pod's own; in
   * networks of administrators packets may have reasons to come another way than they go.
   */
  private void refuseForgedSources(CniResult result) {
    for (CniResult.Interface each : result.interfaces()) {
      if (each.sandbox().isEmpty()) {
        String setting = "/proc/sys/net/ipv4/conf/" + each.name() + "/rp_filter";
        try (Fd fd = Fd.open(kernel, setting, Consts.O_WRONLY, 0)) {
          kernel.write(fd.number(), new byte[] {'1'}, 0, 1);
        } catch (OsException e) {
          log.note("packets that bear addresses of others are not dropped: " + e.getMessage());
        }
      }
    }
  }

  private CniResult add(Attachment attachment, NetworkConfig config)
      throws EngineException, OsException {
    if (!Upkeep.collects(config)) {
      return attachment.add();
    }
    try (FileLock noGc = Upkeep.holdGcBack(kernel)) {
      return attachment.add();
    }
  }

  /** A gateway is the host, or a router elsewhere: only an address of the host can be bound. */
  private String hostAddress(List<CniResult.Address> addresses) throws OsException {
    for (CniResult.Address address : addresses) {
      if (!address.gateway().isEmpty()) {
        try {
          HostNetwork.bind(kernel, "udp", address.gateway(), 0, false).close();
          return address.gateway();
        } catch (OsException notOurs) {
          log.debug("gateway " + address.gateway() + " is not this host");
        }
      }
    }
    return "";
  }

  private List<NetInfo.PublishedPort> published() {
    List<NetInfo.PublishedPort> out = new ArrayList<>();
    for (PortMapping port : plan.ports()) {
      out.add(
          new NetInfo.PublishedPort(
              port.name(),
              port.protocol(),
              port.hostIp(),
              port.hostPort(),
              port.podPort(),
              port.count()));
    }
    return out;
  }

  /** By the name that the specification of old has for it, where that leads there. */
  private String variable(Path path) {
    try {
      if (kernel.readlinkat(Consts.AT_FDCWD, "/var/run").endsWith("run")) {
        return "/var" + path;
      }
    } catch (OsException noLink) {
      return path.toString();
    }
    return path.toString();
  }

  /** Makes sure that a step can be undone, before it is taken or when more is known about it. */
  private void record(PluginCall call, Optional<Path> addresses) throws OsException {
    for (int i = 0; i < undo.size(); i++) {
      if (undo.get(i).label().equals(call.label())) {
        undo.set(i, call);
        saveUndo();
        return;
      }
    }
    undo.addFirst(call);
    if (addresses.isPresent() && !reclaim.contains(addresses.get())) {
      reclaim.add(addresses.get());
    }
    saveUndo();
  }

  private void saveUndo() throws OsException {
    TeardownFile file = new TeardownFile(Optional.of(Teardown.namespace(uuid)), undo, reclaim);
    AtomicFiles.replace(kernel, pod.resolve(TeardownFile.NAME), file.bytes(), 0600);
  }
}
