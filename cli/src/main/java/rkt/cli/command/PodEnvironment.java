package rkt.cli.command;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.Values;
import rkt.pod.ServiceManager;
import rkt.schema.SchemaException;
import rkt.schema.appc.EnvVar;

/** The environment flags that hold for every app of a pod. */
final class PodEnvironment {
  /** What the launcher puts before the names of variables it hides from the Java runtime. */
  private static final String SAVED = "RKT_SAVED_";

  private PodEnvironment() {}

  static void flags(FlagSet flags) {
    flags
        .add(Flag.bool("inherit-env", "inherit all environment variables not set by apps"))
        .add(
            Flag.pair(
                "set-env",
                "environment variable to set for all the apps in the form key=value; wins over"
                    + " --environment"))
        .add(Flag.repeated("set-env-file", "path to an environment variables file"));
  }

  /** {@code --inherit-env}: the caller's variables, those that can be one of an app. */
  static List<EnvVar> inherited(FlagSet flags) {
    return flags.on("inherit-env") ? callers(System.getenv()) : List.of();
  }

  /**
   * The environment as the caller had it. The launcher set {@code LC_ALL} for the Java runtime and
   * renamed what would disturb it to {@code RKT_SAVED_...}; both is undone. What a service manager
   * says is for rkt alone. Sorted by name, so that the same caller gives the same pod.
   */
  static List<EnvVar> callers(Map<String, String> environment) {
    Map<String, String> callers = new TreeMap<>(environment);
    callers.remove("LC_ALL");
    for (String own : ServiceManager.VARIABLES) {
      callers.remove(own);
    }
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      if (entry.getKey().startsWith(SAVED)) {
        callers.remove(entry.getKey());
        callers.put(entry.getKey().substring(SAVED.length()), entry.getValue());
      }
    }
    List<EnvVar> variables = new ArrayList<>(callers.size());
    for (Map.Entry<String, String> entry : callers.entrySet()) {
      // A shell's exported functions and the like have names no manifest may hold.
      if (EnvVar.isName(entry.getKey())) {
        variables.add(new EnvVar(entry.getKey(), entry.getValue()));
      }
    }
    return variables;
  }

  static List<EnvVar> set(FlagSet flags) throws CommandFailure {
    List<EnvVar> variables = new ArrayList<>();
    for (String pair : flags.all("set-env")) {
      int equals = pair.indexOf('=');
      try {
        variables.add(new EnvVar(pair.substring(0, equals), pair.substring(equals + 1)));
      } catch (SchemaException e) {
        throw CommandFailure.of("invalid value in --set-env: " + e.getMessage());
      }
    }
    return variables;
  }

  static List<EnvVar> fromFiles(FlagSet flags) throws CommandFailure {
    Map<String, EnvVar> variables = new LinkedHashMap<>();
    for (String file : flags.all("set-env-file")) {
      for (String line : lines(file)) {
        add(variables, line, file);
      }
    }
    return new ArrayList<>(variables.values());
  }

  private static List<String> lines(String file) throws CommandFailure {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (NoSuchFileException e) {
      throw CommandFailure.of("open " + file + ": no such file or directory");
    } catch (CharacterCodingException e) {
      throw CommandFailure.of("environment file " + Values.quote(file) + " is not UTF-8");
    } catch (IOException e) {
      throw CommandFailure.of("cannot read environment file " + Values.quote(file), e);
    }
  }

  /** Lines count as they are: nothing is trimmed or unquoted. */
  private static void add(Map<String, EnvVar> variables, String line, String file)
      throws CommandFailure {
    if (line.isEmpty() || line.charAt(0) == '#' || line.charAt(0) == ';') {
      return;
    }
    int equals = line.indexOf('=');
    if (equals < 1) {
      throw CommandFailure.of(
          "environment variable must be specified as name=value (file " + Values.quote(file) + ")");
    }
    String name = line.substring(0, equals);
    try {
      if (variables.putIfAbsent(name, new EnvVar(name, line.substring(equals + 1))) != null) {
        throw CommandFailure.of(
            "environment variable "
                + Values.quote(name)
                + " already set (file "
                + Values.quote(file)
                + ")");
      }
    } catch (SchemaException e) {
      throw CommandFailure.of(e.getMessage() + " (file " + Values.quote(file) + ")");
    }
  }
}
