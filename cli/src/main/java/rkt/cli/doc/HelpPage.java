package rkt.cli.doc;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.command.Command;
import rkt.cli.command.Commands;
import rkt.cli.grammar.CommandLine;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.Values;
import rkt.cli.render.Table;
import rkt.schema.Version;

/** The text of {@code --help}: sections with tab-aligned columns, flags in alphabetic order. */
public final class HelpPage {
  private HelpPage() {}

  /** Help of one command; {@code flags} holds its table. */
  public static String of(Command command, FlagSet flags) {
    Table page = new Table();
    head(page, command.path(), command.useLine());
    if (!command.description().isEmpty()) {
      section(page, "DESCRIPTION:");
      for (String line : FlagSet.split(command.description(), '\n')) {
        page.row("", line);
      }
    }
    if (CommandLine.hasChildren(Commands.PATHS, command.path())) {
      commands(page, command.path() + " ");
    }
    options(page, flags);
    return page.toString();
  }

  /** Help of a path that only has commands below it. */
  public static String ofGroup(String path, FlagSet flags) {
    Table page = new Table();
    head(page, path, path.isEmpty() ? "rkt [command]" : "rkt " + path + " [command]");
    if (path.isEmpty()) {
      section(page, "VERSION:");
      page.row("", Version.VERSION);
    }
    commands(page, path.isEmpty() ? "" : path + " ");
    if (path.isEmpty()) {
      section(page, "DESCRIPTION:");
      page.row(
          "",
          "A daemonless, pod-native container engine: fetches images, runs them in isolated pods.");
    }
    options(page, flags);
    return page.toString();
  }

  private static void commands(Table page, String below) {
    section(page, "COMMANDS:");
    for (String command : Commands.PATHS) {
      if (command.startsWith(below) && !Commands.hidden(command)) {
        page.row("", command.substring(below.length()), Commands.summary(command));
      }
    }
  }

  private static void head(Table page, String path, String useLine) {
    page.row("NAME:");
    page.row("", (path.isEmpty() ? "rkt" : path) + " - " + Commands.summary(path));
    section(page, "USAGE:");
    page.row("", useLine);
  }

  private static void section(Table page, String title) {
    page.row("");
    page.row(title);
  }

  private static void options(Table page, FlagSet flags) {
    List<Flag> own = shown(flags.locals());
    Flag help = flags.lookup("help");
    if (help != null) {
      insert(own, help);
    }
    section(page, "OPTIONS:");
    lines(page, own);
    List<Flag> global = shown(flags.globals());
    if (help != null) {
      global.remove(help);
    }
    section(page, "GLOBAL OPTIONS:");
    lines(page, global);
  }

  /**
   * The flags help may show, by name. Sorted by hand: a comparator's lambda costs help its start.
   */
  static List<Flag> shown(List<Flag> flags) {
    List<Flag> shown = new ArrayList<>();
    for (Flag flag : flags) {
      if (flag.shown()) {
        insert(shown, flag);
      }
    }
    return shown;
  }

  private static void insert(List<Flag> sorted, Flag flag) {
    int at = sorted.size();
    while (at > 0 && sorted.get(at - 1).name().compareTo(flag.name()) > 0) {
      at--;
    }
    sorted.add(at, flag);
  }

  private static void lines(Table page, List<Flag> flags) {
    for (Flag flag : flags) {
      page.row(label(flag), flag.usage());
    }
  }

  /** {@code -h, --help[=false]}; text defaults are quoted, an optional value is in brackets. */
  static String label(Flag flag) {
    StringBuilder text = new StringBuilder();
    if (flag.shorthand() == 0) {
      text.append("      ");
    } else {
      text.append("  -").append(flag.shorthand()).append(", ");
    }
    text.append("--").append(flag.name());
    boolean optional = !flag.bareValue().isEmpty();
    text.append(optional ? "[=" : "=");
    text.append(
        flag.kind() == Flag.Kind.TEXT ? Values.quote(flag.defaultText()) : flag.defaultText());
    return text.append(optional ? "]" : "").toString();
  }
}
