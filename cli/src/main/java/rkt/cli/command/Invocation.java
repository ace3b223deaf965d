package rkt.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.Console;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.cli.render.PlainText;
import rkt.image.InsecureOptions;
import rkt.pod.Engine;
import rkt.pod.EngineOptions;
import rkt.pod.config.ConfigDirs;
import rkt.schema.EngineException;

/**
 * One command line on its way: flags read, positional arguments left.
 *
 * @param training a rehearsal, in which nothing may end the process
 */
public record Invocation(FlagSet flags, List<String> args, Console console, boolean training) {

  /** Opens the engine with the global flags. */
  Engine engine() throws EngineException {
    return Engine.open(
        new EngineOptions(
            flags.given("dir") ? Optional.of(Path.of(flags.value("dir"))) : Optional.empty(),
            configDirs(),
            insecure(),
            console,
            libDir(),
            training));
  }

  /** Where the configuration is read from. */
  ConfigDirs configDirs() {
    return new ConfigDirs(
        Path.of(flags.value("system-config")),
        Path.of(flags.value("local-config")),
        flags.given("user-config")
            ? Optional.of(Path.of(flags.value("user-config")))
            : Optional.empty());
  }

  InsecureOptions insecure() throws EngineException {
    List<String> options = flags.all("insecure-options");
    return options.isEmpty()
        ? InsecureOptions.NONE
        : InsecureOptions.parse(String.join(",", options));
  }

  /** Where the distribution keeps its native helpers; the launcher says so. */
  private static Path libDir() {
    return Path.of(System.getProperty("rkt.home", "/usr/lib/rkt"), "lib");
  }

  /** Parses the image arguments; flags among them may be global ones, {@code --help} included. */
  void parseImages(ImageArguments.Sink sink, boolean appArguments, String leaf)
      throws CommandFailure, UsageException {
    new ImageArguments(flags, sink, appArguments).parse(args);
    console.begin(leaf, flags);
    if (flags.helpWanted()) {
      throw CommandFailure.help();
    }
  }

  void out(String line) {
    console.out(line);
  }

  /** A JSON text, which may quote strangers. */
  void json(String text) {
    console.out(PlainText.json(text));
  }

  void note(String line) {
    console.note(line);
  }

  /** Refuses arguments when the command takes none. */
  void noArguments() throws CommandFailure {
    if (!args.isEmpty()) {
      throw CommandFailure.usage("unexpected argument \"" + args.get(0) + "\"");
    }
  }
}
