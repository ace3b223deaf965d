package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.Values;
import rkt.stage1.NetMode;

/** {@code --net}: this version knows the host's network and none. */
final class Networks {
  private static final String REMEDY = "use --net=host or --net=none";

  private Networks() {}

  static void flags(FlagSet flags) {
    flags.add(
        Flag.optional(
            "net",
            Flag.Kind.LIST,
            "none",
            "default",
            "configure the pod's networking: host or none; other networks come with a later version"));
  }

  /** Which network the pod gets; says so on standard error when nothing was asked for. */
  static NetMode mode(Invocation invocation) throws CommandFailure {
    List<String> given = invocation.flags().all("net");
    if (given.isEmpty()) {
      invocation.note(
          "warning: no network requested, and this version has no contained networks yet: running as with --net=none ("
              + REMEDY
              + ")");
      return NetMode.NONE;
    }
    List<String> names = new ArrayList<>(given.size());
    for (String item : given) {
      names.add(name(item, names));
    }
    if (names.size() > 1) {
      throw unsupported(String.join(",", given), "cannot be combined in this version");
    }
    return switch (names.get(0)) {
      case "host" -> NetMode.HOST;
      case "none" -> NetMode.NONE;
      default -> throw unsupported(names.get(0), "is not supported by this version of rkt yet");
    };
  }

  private static String name(String item, List<String> before) throws CommandFailure {
    int colon = item.indexOf(':');
    String name = colon < 0 ? item : item.substring(0, colon);
    if (name.isEmpty()) {
      throw CommandFailure.of("invalid value in --net: netname must not be empty");
    }
    if (before.contains(name)) {
      throw CommandFailure.of(
          "invalid value in --net: found duplicate netname " + Values.quote(name));
    }
    if (colon >= 0 && (name.equals("host") || name.equals("all"))) {
      throw CommandFailure.of(
          "invalid value in --net: arguments are not supported by special netname "
              + Values.quote(name));
    }
    return name;
  }

  private static CommandFailure unsupported(String what, String why) {
    return CommandFailure.of("network " + Values.quote(what) + " " + why + " (" + REMEDY + ")");
  }
}
