package rkt.cli.doc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.cli.GlobalFlags;
import rkt.cli.command.Command;
import rkt.cli.command.Commands;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.Version;

/**
 * Writes a page for section 1 of the manual per command: {@code rkt-image-list.1}. For the build.
 */
public final class ManPages {
  private ManPages() {}

  /** One argument: the directory to write into. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: ManPages DIRECTORY");
      System.exit(2);
    }
    writeAll(Path.of(args[0]));
  }

  static void writeAll(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("rkt.1"), group(""));
    Files.writeString(directory.resolve("rkt-image.1"), group("image"));
    for (String path : Commands.PATHS) {
      if (!Commands.hidden(path)) {
        Files.writeString(directory.resolve(fileName(path)), page(path));
      }
    }
  }

  static String fileName(String path) {
    return "rkt-" + path.replace(' ', '-') + ".1";
  }

  static String page(String path) {
    Command command = Commands.create(path);
    FlagSet flags = GlobalFlags.table();
    command.flags(flags);
    StringBuilder page = new StringBuilder();
    head(page, "rkt " + path, Commands.summary(path));
    page.append(".SH SYNOPSIS\n.B ").append(escape(command.useLine())).append('\n');
    if (!command.description().isEmpty()) {
      page.append(".SH DESCRIPTION\n");
      for (String line : FlagSet.split(command.description(), '\n')) {
        page.append(line.isEmpty() ? ".PP" : escape(line)).append('\n');
      }
    }
    flagSection(page, "OPTIONS", flags.locals());
    flagSection(page, "GLOBAL OPTIONS", flags.globals());
    page.append(".SH SEE ALSO\n.BR rkt (1)\n");
    return page.toString();
  }

  static String group(String path) {
    StringBuilder page = new StringBuilder();
    head(page, path.isEmpty() ? "rkt" : "rkt " + path, Commands.summary(path));
    page.append(".SH SYNOPSIS\n.B rkt ").append(path.isEmpty() ? "" : path + " ");
    page.append("[command]\n.SH COMMANDS\n");
    String below = path.isEmpty() ? "" : path + " ";
    List<String> pages = new ArrayList<>();
    for (String command : Commands.PATHS) {
      if (command.startsWith(below) && !Commands.hidden(command)) {
        page.append(".TP\n.B ").append(escape(command.substring(below.length())));
        page.append('\n').append(escape(Commands.summary(command))).append('\n');
        pages.add(escape("rkt-" + command.replace(' ', '-')));
      }
    }
    flagSection(page, "GLOBAL OPTIONS", GlobalFlags.table().globals());
    page.append(".SH SEE ALSO\n");
    for (int i = 0; i < pages.size(); i++) {
      page.append(".BR ").append(pages.get(i)).append(" (1)");
      page.append(i + 1 < pages.size() ? ",\n" : "\n");
    }
    return page.toString();
  }

  private static void head(StringBuilder page, String name, String summary) {
    String dashed = escape(name.replace(' ', '-'));
    page.append(".TH \"")
        .append(dashed.toUpperCase(java.util.Locale.ROOT))
        .append("\" \"1\" \"\" ");
    page.append("\"rkt ").append(Version.VERSION).append("\" \"rkt - App Container runtime\"\n");
    page.append(".SH NAME\n").append(dashed).append(" \\- ").append(escape(summary)).append('\n');
  }

  private static void flagSection(StringBuilder page, String title, List<Flag> flags) {
    List<Flag> shown = HelpPage.shown(flags);
    if (shown.isEmpty()) {
      return;
    }
    page.append(".SH ").append(title).append('\n');
    for (Flag flag : shown) {
      page.append(".TP\n.B ").append(escape(HelpPage.label(flag).strip())).append('\n');
      page.append(escape(flag.usage())).append('\n');
    }
  }

  /** A dash is a hyphen to troff, and a leading dot or quote a command. */
  static String escape(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
