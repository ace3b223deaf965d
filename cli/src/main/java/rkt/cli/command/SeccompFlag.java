package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.schema.appc.IsolatorValue;

/** {@code --seccomp mode=retain|remove[,errno=EXXX],SYSCALL|@SCOPE/NAME,...}. */
final class SeccompFlag {
  private SeccompFlag() {}

  static IsolatorValue parse(String text) throws UsageException {
    String mode = "";
    Optional<String> errno = Optional.empty();
    List<String> set = new ArrayList<>();
    for (String item : FlagSet.split(text, ',')) {
      int equals = item.indexOf('=');
      if (equals < 0) {
        if (!item.isEmpty()) {
          set.add(item);
        }
        continue;
      }
      String value = item.substring(equals + 1);
      switch (item.substring(0, equals)) {
        case "mode" -> mode = value;
        case "errno" -> errno = Optional.of(value);
        default ->
            throw new UsageException(
                "invalid seccomp command-line override: "
                    + Values.quote(item)
                    + " (expected mode=, errno= or the name of a system call)");
      }
    }
    return switch (mode) {
      case "retain" -> new IsolatorValue.SeccompRetain(set, errno);
      case "remove" -> new IsolatorValue.SeccompRemove(set, errno);
      default ->
          throw new UsageException(
              "invalid seccomp mode command-line override: "
                  + Values.quote(mode)
                  + " (expected mode=retain or mode=remove)");
    };
  }
}
