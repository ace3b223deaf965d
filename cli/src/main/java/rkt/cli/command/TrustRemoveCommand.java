package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.EngineException;
import rkt.trust.KeystoreChanges;

/** {@code rkt trust remove}: the opposite of {@code rkt trust}. */
final class TrustRemoveCommand extends Command {
  TrustRemoveCommand() {
    super("trust remove", "FINGERPRINT [--prefix=PREFIX]");
  }

  @Override
  public String description() {
    return "Withdraws a key: without --prefix a root key. A key of the local configuration is\n"
        + "deleted; one of the system's is masked by an empty local file.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.text("prefix", "", "the prefix the key is trusted for"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().size() != 1) {
      throw CommandFailure.usage("expected exactly one fingerprint");
    }
    String prefix = invocation.flags().value("prefix");
    KeystoreChanges.Removal removal =
        new KeystoreChanges(invocation.engine().keystore())
            .remove(prefix, invocation.args().getFirst());
    String scope = prefix.isEmpty() ? "root key" : "key for prefix \"" + prefix + "\"";
    invocation.out(
        removal == KeystoreChanges.Removal.REMOVED
            ? "Removed " + scope
            : "Masked system " + scope + " by an empty local file");
    return 0;
  }
}
