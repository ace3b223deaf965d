package rkt.cli.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Which command a command line names, and what is left for it to parse.
 *
 * <p>Commands are paths of words ({@code image list}); each word may be cut to an unambiguous
 * prefix. Global flags may stand before, between and after the words, and so may the command's own
 * flags as long as they carry their value in the same argument ({@code --full=true list}).
 *
 * <p>A command that takes arguments and has commands below it ({@code trust KEY}, {@code trust
 * list}) knows these by their whole names only: the word may as well be the name of a file.
 *
 * @param path the command found, its words joined by one blank; empty when none was named
 * @param rest the other arguments, in order
 */
public record CommandLine(String path, List<String> rest) {

  public CommandLine {
    rest = List.copyOf(rest);
  }

  /**
   * Finds the command.
   *
   * @param paths every command path
   * @param globals table that says which flags take the next argument as their value
   * @throws UsageException when a word is no command or could be several
   */
  public static CommandLine find(List<String> paths, FlagSet globals, List<String> args)
      throws UsageException {
    List<String> rest = new ArrayList<>(args);
    String path = "";
    while (hasChildren(paths, path)) {
      int at = firstWord(globals, rest);
      if (at < 0 || (paths.contains(path) && !paths.contains(path + " " + rest.get(at)))) {
        break;
      }
      path = child(paths, path, rest.get(at));
      rest.remove(at);
    }
    return new CommandLine(path, rest);
  }

  /** Whether a path is only a name for the commands below it. */
  public static boolean isGroup(List<String> paths, String path) {
    return hasChildren(paths, path) && !paths.contains(path);
  }

  /** Whether a path has commands below it. */
  public static boolean hasChildren(List<String> paths, String path) {
    if (path.isEmpty()) {
      return true;
    }
    String below = path + " ";
    for (String candidate : paths) {
      if (candidate.startsWith(below)) {
        return true;
      }
    }
    return false;
  }

  private static int firstWord(FlagSet globals, List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (arg.equals("--")) {
        return -1;
      }
      if (!FlagSet.isFlag(arg)) {
        return i;
      }
      if (arg.startsWith("--") && arg.indexOf('=') < 0 && takesNext(globals, arg)) {
        i++;
      }
    }
    return -1;
  }

  /** Unknown flags count as taking a value, as the ancestor's command finder had it. */
  private static boolean takesNext(FlagSet globals, String arg) {
    Flag flag = globals.lookup(arg.substring(2));
    return flag == null || flag.bareValue().isEmpty();
  }

  private static String child(List<String> paths, String parent, String word)
      throws UsageException {
    String below = parent.isEmpty() ? "" : parent + " ";
    List<String> matches = new ArrayList<>(2);
    for (String path : paths) {
      if (!path.startsWith(below)) {
        continue;
      }
      int blank = path.indexOf(' ', below.length());
      String name = path.substring(below.length(), blank < 0 ? path.length() : blank);
      if (name.equals(word)) {
        return below + name;
      }
      if (!word.isEmpty() && name.startsWith(word) && !matches.contains(name)) {
        matches.add(name);
      }
    }
    String program = parent.isEmpty() ? "rkt" : "rkt " + parent;
    if (matches.size() == 1) {
      return below + matches.get(0);
    }
    if (matches.isEmpty()) {
      throw new UsageException(
          "unknown command " + Values.quote(word) + " for " + Values.quote(program));
    }
    StringBuilder text = new StringBuilder("ambiguous command ");
    text.append(Values.quote(word)).append(" for ").append(Values.quote(program));
    text.append(": could be ");
    for (int i = 0; i < matches.size(); i++) {
      text.append(i == 0 ? "" : i == matches.size() - 1 ? " or " : ", ").append(matches.get(i));
    }
    throw new UsageException(text.toString());
  }
}
