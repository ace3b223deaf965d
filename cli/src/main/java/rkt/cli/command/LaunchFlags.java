package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.os.Kernel;
import rkt.pod.LaunchRequest;

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
        .later("dns", "dns-search", "dns-opt", "dns-domain", "hosts-entry", "mds-register", "ipc");
  }

  static LaunchRequest request(Invocation invocation) throws CommandFailure {
    FlagSet flags = invocation.flags();
    boolean interactive = flags.on("interactive");
    String hostname = flags.value("hostname");
    return new LaunchRequest(
        Networks.mode(invocation),
        interactive,
        interactive && Kernel.linux().isatty(0),
        hostname.isEmpty() ? Optional.empty() : Optional.of(hostname),
        true);
  }
}
