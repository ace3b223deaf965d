package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.pod.PodStore;
import rkt.schema.EngineException;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.PodUuid;

/** {@code rkt cat-manifest}: a pod's manifest, read strictly and written canonically. */
final class CatManifestCommand extends Command {
  CatManifestCommand() {
    super("cat-manifest", "--uuid-file=FILE | UUID");
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.boolOn("pretty-print", "apply indent to format the output"))
        .add(PodArgument.uuidFile());
  }

  @Override
  public String completion() {
    return "__rkt_pods";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    PodStore pods = invocation.engine().pods();
    PodUuid uuid = PodArgument.one(invocation, pods);
    PodManifest manifest = PodManifest.parse(pods.manifestBytes(uuid));
    boolean pretty = invocation.flags().on("pretty-print");
    invocation.json(pretty ? manifest.toPrettyJson() : manifest.toJson());
    return 0;
  }
}
