package rkt.stage1.rootfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Finds the file that an app's command names. */
public final class ExecLookup {
  private ExecLookup() {}

  /**
   * The path inside the app to execute, links not resolved (programs look at their own name).
   *
   * @param command first word of the app's exec
   * @param workingDirectory absolute
   * @param path the app's PATH; empty when neither image nor user set one
   */
  public static String find(
      AppTree tree, String command, String workingDirectory, Optional<String> path)
      throws EngineException {
    if (command.startsWith("/")) {
      return command;
    }
    if (command.indexOf('/') >= 0) {
      return join(workingDirectory, command);
    }
    List<String> directories =
        path.isPresent()
            ? split(path.get(), workingDirectory)
            : List.of(workingDirectory, "/bin", "/usr/bin");
    try {
      for (String directory : directories) {
        String candidate = join(directory, command);
        Optional<Stat> stat = tree.stat(candidate);
        if (stat.isPresent() && stat.get().isRegular() && (stat.get().mode() & 0111) != 0) {
          return candidate;
        }
      }
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM, attempted(command), String.valueOf(e.getMessage()), "", e);
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND,
        attempted(command),
        "unable to find \"" + command + "\" in \"" + String.join(":", directories) + "\"",
        "give an absolute path with --exec");
  }

  private static String attempted(String command) {
    return "error looking up \"" + command + "\"";
  }

  private static List<String> split(String path, String workingDirectory) {
    List<String> directories = new ArrayList<>(8);
    int from = 0;
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.charAt(i) == ':') {
        String directory = path.substring(from, i);
        // An empty or relative entry means the working directory to execvp(3).
        directories.add(
            directory.startsWith("/")
                ? directory
                : directory.isEmpty() ? workingDirectory : join(workingDirectory, directory));
        from = i + 1;
      }
    }
    return directories;
  }

  static String join(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }
}
