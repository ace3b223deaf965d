package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;

/** {@code --ipc}: whose semaphores, message queues and shared memory the apps see. */
final class IpcFlag {
  private IpcFlag() {}

  static void flags(FlagSet flags) {
    flags.add(
        Flag.text(
            "ipc",
            "",
            "whether to stay in the host IPC namespace. Syntax: --ipc=[auto|private|parent]"));
  }

  /**
   * Whether the pod gets an IPC namespace of its own; {@code auto} is up to the flavor: it does.
   */
  static boolean isPrivate(FlagSet flags) throws CommandFailure {
    String value = flags.value("ipc");
    switch (value) {
      case "", "auto", "private" -> {
        return true;
      }
      case "parent" -> {
        return false;
      }
      default ->
          throw CommandFailure.of(
              "unknown value for --ipc parameter: " + value + " (use auto, private or parent)");
    }
  }
}
