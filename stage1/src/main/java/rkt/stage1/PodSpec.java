package rkt.stage1;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.PodUuid;

/**
 * A pod as a flavor needs it: everything decided, nothing left to look up outside the apps' roots.
 *
 * @param uuid the pod's identity
 * @param podDir its directory while it runs
 * @param apps its apps, in the order of the manifest
 * @param hostname what its UTS namespace is named
 * @param net which network the apps see
 * @param hostIpc whether the apps share the host's IPC namespace ({@code --ipc=parent})
 * @param interactive whether the caller's stdin belongs to the (only) app
 * @param terminal whether that stdin is a terminal, so that the app gets one of its own
 * @param prefix whether output lines carry the app's name
 * @param disabled restrictions the user switched off
 * @param lockFd the open, locked pod directory; it stays open as long as the pod lives
 * @param logs how much output is kept
 * @param graceMillis time between TERM and KILL when the pod stops
 * @param resolvConf where the apps' resolv.conf comes from
 * @param etcHosts where the apps' hosts file comes from
 * @param isolators of the pod as a whole
 * @param selinux the pod's labels, on hosts with SELinux
 * @param users the IDs of its own user namespace; empty when it shares the host's
 * @param network the namespace to join, with {@link NetMode#JOINED}
 * @param service what ties the pod to the service manager that started it, if one did
 */
public record PodSpec(
    PodUuid uuid,
    Path podDir,
    List<AppSpec> apps,
    String hostname,
    NetMode net,
    boolean hostIpc,
    boolean interactive,
    boolean terminal,
    boolean prefix,
    Set<Isolation> disabled,
    int lockFd,
    LogPolicy logs,
    long graceMillis,
    ResolvConf resolvConf,
    EtcHosts etcHosts,
    List<Isolator> isolators,
    Optional<SelinuxLabels> selinux,
    Optional<IdRange> users,
    Optional<JoinedNetwork> network,
    Optional<ServiceLink> service) {
  /** Time between TERM and KILL unless the user asks otherwise. */
  public static final long DEFAULT_GRACE_MILLIS = 10_000;

  public PodSpec {
    apps = List.copyOf(apps);
    disabled = Set.copyOf(disabled);
    isolators = List.copyOf(isolators);
  }
}
