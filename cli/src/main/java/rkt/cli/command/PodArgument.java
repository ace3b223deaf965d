package rkt.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.pod.PodStore;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** Which pod a command is about: a UUID or a prefix of one, or a file that holds it. */
final class PodArgument {
  private PodArgument() {}

  static Flag uuidFile() {
    return Flag.text("uuid-file", "", "read pod UUID from file instead of argument");
  }

  /** Exactly one pod, by argument or by {@code --uuid-file}. */
  static PodUuid one(Invocation invocation, PodStore pods, int unreadableFile)
      throws CommandFailure {
    FlagSet flags = invocation.flags();
    boolean file = flags.given("uuid-file");
    int words = invocation.args().size();
    if (words != (file ? 0 : 1)) {
      throw CommandFailure.usage("expected exactly one pod: a UUID or --uuid-file=FILE");
    }
    if (file) {
      return fromFile(flags, pods, unreadableFile);
    }
    try {
      return pods.resolve(invocation.args().get(0));
    } catch (EngineException e) {
      throw CommandFailure.of("problem retrieving pod", e);
    }
  }

  /** The arguments of a command that takes many pods, a UUID file's content among them. */
  static List<String> many(Invocation invocation, PodStore pods, int unreadableFile)
      throws CommandFailure {
    FlagSet flags = invocation.flags();
    boolean file = flags.given("uuid-file");
    if (file != invocation.args().isEmpty()) {
      throw CommandFailure.usage("expected pods: one or more UUIDs, or --uuid-file=FILE");
    }
    if (!file) {
      return invocation.args();
    }
    List<String> one = new ArrayList<>(1);
    one.add(fromFile(flags, pods, unreadableFile).toString());
    return one;
  }

  private static PodUuid fromFile(FlagSet flags, PodStore pods, int exitCode)
      throws CommandFailure {
    try {
      return pods.resolveFile(Path.of(flags.value("uuid-file")));
    } catch (EngineException e) {
      throw CommandFailure.of("unable to resolve UUID from file", e, exitCode);
    }
  }

  /** For commands without a documented status of their own for an unreadable file. */
  static PodUuid one(Invocation invocation, PodStore pods) throws CommandFailure {
    return one(invocation, pods, ExitCodes.FAILURE);
  }
}
