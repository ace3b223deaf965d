package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.net.NetLog;
import rkt.net.NetRequest;
import rkt.net.NetworkPlan;
import rkt.net.NetworkSetup;
import rkt.net.PodNetwork;
import rkt.net.PublishedPorts;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.appc.Port;
import rkt.schema.cni.Dns;
import rkt.stage1.JoinedNetwork;
import rkt.stage1.NetMode;
import rkt.stage1.ResolvConf;

/**
 * The network of a pod that is being launched: made on a thread in the host's namespaces while the
 * launching thread mounts, waited for when planning needs to know the pod's address, undone by
 * {@link PodRemains} when the launch fails.
 */
final class PodNetworking {
  private final NetRequest.Kind kind;
  private final @Nullable NetworkSetup setup;
  private final @Nullable Fd hostMounts;
  private final Path podDir;
  private final Reporter reporter;
  private @Nullable PodNetwork network;

  private PodNetworking(
      NetRequest.Kind kind,
      @Nullable NetworkSetup setup,
      @Nullable Fd hostMounts,
      Path podDir,
      Reporter reporter) {
    this.kind = kind;
    this.setup = setup;
    this.hostMounts = hostMounts;
    this.podDir = podDir;
    this.reporter = reporter;
  }

  static NetworkPlan plan(
      Kernel kernel,
      NetworkPlaces places,
      Reporter reporter,
      PreparedPod prepared,
      LaunchRequest request)
      throws EngineException {
    List<List<Port>> ports = new ArrayList<>(prepared.apps().size());
    for (PreparedApp app : prepared.apps()) {
      ports.add(app.app().ports());
    }
    return NetworkPlan.make(
        kernel,
        log(reporter),
        places.configurations(),
        places.plugins(),
        request.net(),
        PublishedPorts.map(prepared.manifest().ports(), ports),
        dns(request.resolvConf()));
  }

  private static Dns dns(ResolvConf asked) {
    return asked.source() == ResolvConf.Source.FLAGS
        ? new Dns(asked.nameservers(), asked.domain(), asked.search(), asked.options())
        : Dns.NONE;
  }

  static NetLog log(Reporter reporter) {
    return new NetLog() {
      @Override
      public void note(String line) {
        reporter.note("networking", line);
      }

      @Override
      public void debug(String line) {
        reporter.debug("networking", line);
      }
    };
  }

  /** Begins; the caller is in the host's namespaces, and calls {@link #finish} whatever happens. */
  static PodNetworking start(Kernel kernel, Reporter reporter, NetworkPlan plan, Pod pod)
      throws EngineException {
    NetRequest.Kind kind = plan.request().kind();
    if (kind == NetRequest.Kind.HOST || kind == NetRequest.Kind.NONE) {
      if (kind == NetRequest.Kind.NONE) {
        reporter.debug("networking", "networking namespace with loopback only");
      }
      return new PodNetworking(kind, null, null, pod.path(), reporter);
    }
    try {
      Fd mounts = Fd.open(kernel, "/proc/thread-self/ns/mnt", Consts.O_RDONLY, 0);
      NetworkSetup setup =
          NetworkSetup.start(kernel, log(reporter), plan, pod.path(), pod.uuid().value());
      return new PodNetworking(kind, setup, mounts, pod.path(), reporter);
    } catch (OsException e) {
      throw Failures.system("failed to setup network", e);
    }
  }

  /** For a pod that is planned and not started. */
  static PodNetworking planned(NetworkPlan plan, Pod pod, Reporter reporter) {
    return new PodNetworking(plan.request().kind(), null, null, pod.path(), reporter);
  }

  NetMode mode() {
    return switch (kind) {
      case HOST -> NetMode.HOST;
      case NONE -> NetMode.NONE;
      case NAMESPACE, NETWORKS -> NetMode.JOINED;
    };
  }

  /** Waits until the pod's addresses are known. */
  void awaitAddresses() throws EngineException {
    if (setup != null) {
      setup.awaitAddresses();
      network = setup.soFar().orElse(null);
      if (network == null) {
        await();
      }
    }
  }

  /** Waits until the network stands. */
  void await() throws EngineException {
    if (setup != null) {
      network = setup.await();
      reporter.debug("networking", "network is up");
    }
  }

  /** Waits until nothing happens any more. */
  void finish() {
    if (setup != null) {
      setup.finish();
    }
  }

  /** The namespace for the flavor; after {@link #awaitAddresses}. */
  Optional<JoinedNetwork> joined() {
    if (mode() != NetMode.JOINED) {
      return Optional.empty();
    }
    PodNetwork made = network;
    Fd mounts = hostMounts;
    if (made == null || mounts == null) {
      // Of a pod that is only planned: as it would be but for the number.
      return Optional.of(new JoinedNetwork("/proc/self/fd/3", Optional.empty(), -1, ""));
    }
    boolean ours = kind == NetRequest.Kind.NETWORKS;
    return Optional.of(
        new JoinedNetwork(
            made.namespace().path(),
            ours ? Optional.of(podDir.resolve("net/teardown")) : Optional.empty(),
            ours ? mounts.number() : -1,
            made.address()));
  }

  /** The pod's own network namespace, open; empty when there is none or it is not known yet. */
  Optional<Fd> namespace() {
    PodNetwork made = network;
    return made == null ? Optional.empty() : Optional.of(made.namespace());
  }

  /** What the network says about name resolution, unless the user has said something. */
  ResolvConf resolvConf(ResolvConf asked) {
    PodNetwork made = network;
    if (asked.source() != ResolvConf.Source.NETWORK || made == null || made.dns().isEmpty()) {
      return asked;
    }
    Dns dns = made.dns();
    try {
      return new ResolvConf(
          ResolvConf.Source.NETWORK, dns.nameservers(), dns.search(), dns.options(), dns.domain());
    } catch (SchemaException e) {
      reporter.note(
          "networking",
          "Warning: ignoring the DNS configuration of network "
              + made.dnsNetwork()
              + ": "
              + e.getMessage());
      return asked;
    }
  }

  /** Descriptors that pass to the supervisor. */
  List<Integer> inherited() {
    List<Integer> out = new ArrayList<>();
    PodNetwork made = network;
    Fd mounts = hostMounts;
    if (made != null && mounts != null) {
      out.add(made.namespace().number());
      out.add(mounts.number());
      for (Fd port : made.held()) {
        out.add(port.number());
      }
    }
    return out;
  }
}
