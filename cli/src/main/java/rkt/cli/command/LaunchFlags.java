package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.os.Kernel;
import rkt.pod.LaunchRequest;
import rkt.pod.ServiceManager;
import rkt.schema.SchemaException;
import rkt.stage1.oci.CgroupTree;

/** How a pod is started: the flags that {@code run} and {@code run-prepared} share. */
final class LaunchFlags {
  private LaunchFlags() {}

  static void flags(FlagSet flags) {
    Networks.flags(flags);
    flags
        .add(
            Flag.bool(
                "interactive", "run pod interactively. If true, only one image may be supplied."))
        .add(Flag.text("hostname", "", "pod's hostname. If empty, it will be \"rkt-$PODUUID\""))
        .add(
            Flag.text(
                "cgroup-parent",
                "",
                "cgroup in which the pod's is made, instead of the caller's delegated one or"
                    + " machine.slice (example: '--cgroup-parent=/batch')"))
        .later("mds-register");
    NameFlags.flags(flags);
    IpcFlag.flags(flags);
  }

  static LaunchRequest request(Invocation invocation) throws CommandFailure {
    FlagSet flags = invocation.flags();
    boolean interactive = flags.on("interactive");
    String hostname = flags.value("hostname");
    return new LaunchRequest(
        Networks.request(flags),
        interactive,
        interactive && Kernel.linux().isatty(0),
        hostname.isEmpty() ? Optional.empty() : Optional.of(hostname),
        IpcFlag.isPrivate(flags),
        NameFlags.resolvConf(flags),
        NameFlags.etcHosts(flags),
        cgroupParent(flags),
        manager());
  }

  /** systemd, or who speaks its protocols. */
  private static Optional<ServiceManager> manager() throws CommandFailure {
    if (System.getenv("LISTEN_FDS") == null && System.getenv("NOTIFY_SOCKET") == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ServiceManager.of(System.getenv(), Kernel.linux().getpid()));
    } catch (SchemaException e) {
      throw CommandFailure.of("cannot take what the service manager passed: " + e.getMessage());
    }
  }

  private static Optional<String> cgroupParent(FlagSet flags) throws CommandFailure {
    if (!flags.given("cgroup-parent")) {
      return Optional.empty();
    }
    try {
      return Optional.of(CgroupTree.checkParent(flags.value("cgroup-parent")));
    } catch (SchemaException e) {
      throw CommandFailure.of("invalid value for --cgroup-parent: " + e.getMessage());
    }
  }
}
