package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.os.Kernel;
import rkt.pod.UserNamespaces;

/** {@code --private-users}. */
final class PrivateUsersFlag {
  private static final String NAME = "private-users";

  private PrivateUsersFlag() {}

  static void flags(FlagSet flags) {
    flags.add(
        Flag.bool(
            NAME,
            "run within user namespaces: root in the pod is an ordinary user, and nobody, on the"
                + " host"));
  }

  /** Whether it was given; refused at once where it cannot work. */
  static boolean on(FlagSet flags) throws CommandFailure {
    if (!flags.on(NAME)) {
      return false;
    }
    Optional<String> obstacle = UserNamespaces.obstacle(Kernel.linux());
    if (obstacle.isPresent()) {
      throw CommandFailure.of(obstacle.get());
    }
    return true;
  }
}
