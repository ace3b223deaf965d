package rkt.cli.command;

import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.net.NetRequest;
import rkt.schema.SchemaException;

/** {@code --net}: the networks of a pod. */
final class Networks {
  private Networks() {}

  static void flags(FlagSet flags) {
    flags.add(
        Flag.optional(
            "net",
            Flag.Kind.LIST,
            "default",
            "default",
            "configure the pod's networking: names of networks, each optionally with arguments"
                + " (NAME:ARG=VALUE;...). Without the flag: default. Special names:"
                + " default-restricted (no way out of the host), all, host (no network of its own), none"
                + " (loopback only), ns:PATH (join an existing network namespace)"));
  }

  static NetRequest request(FlagSet flags) throws CommandFailure {
    List<String> given = flags.all("net");
    try {
      return NetRequest.parse(given);
    } catch (SchemaException e) {
      throw CommandFailure.of("invalid value in --net: " + e.getMessage());
    }
  }
}
