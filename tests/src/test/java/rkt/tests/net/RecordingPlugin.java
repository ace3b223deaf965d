package rkt.tests.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import rkt.tests.harness.Rkt;

/**
 * A CNI plugin, a shell script, that writes down how it is called and answers what the test wants:
 * {@code VERB.out} is its output, {@code VERB.exit} its exit status, {@code VERB.sh} is sourced.
 */
final class RecordingPlugin {
  private final Path dir;
  private final Path script;

  RecordingPlugin(Rkt rkt, String type) {
    try {
      dir = Files.createDirectories(rkt.home().resolve("plugin-" + type));
      Path plugins = Files.createDirectories(rkt.config().resolve("net.d"));
      script =
          Files.writeString(
              plugins.resolve(type),
              """
              #!/bin/sh
              d=%s
              n=$(ls "$d" | grep -c stdin$)
              cat > "$d/$n-$CNI_COMMAND.stdin"
              env | sort > "$d/$n-$CNI_COMMAND.env"
              [ ! -e "$d/$CNI_COMMAND.sh" ] || . "$d/$CNI_COMMAND.sh"
              [ ! -e "$d/$CNI_COMMAND.out" ] || cat "$d/$CNI_COMMAND.out"
              [ ! -e "$d/$CNI_COMMAND.exit" ] || exit $(cat "$d/$CNI_COMMAND.exit")
              """
                  .formatted(dir));
      script.toFile().setExecutable(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it answers a verb, and its exit status. */
  RecordingPlugin answers(String verb, String output, int status) {
    write(verb + ".out", output);
    return write(verb + ".exit", Integer.toString(status));
  }

  /** A script that runs as a part of it. */
  RecordingPlugin does(String verb, String commands) {
    return write(verb + ".sh", commands);
  }

  private RecordingPlugin write(String name, String text) {
    try {
      Files.writeString(dir.resolve(name), text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The verbs it was called with, in order. */
  List<String> verbs() {
    List<String> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(dir)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".stdin"))
          .sorted((a, b) -> number(a) - number(b))
          .forEach(name -> out.add(name.substring(name.indexOf('-') + 1, name.length() - 6)));
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int number(String name) {
    return Integer.parseInt(name.substring(0, name.indexOf('-')));
  }

  String stdin(int call) {
    return read(call, "stdin");
  }

  /** {@code NAME=value} lines, sorted. */
  List<String> environment(int call) {
    return read(call, "env").lines().filter(line -> line.startsWith("CNI_")).toList();
  }

  private String read(int call, String what) {
    try {
      return Files.readString(dir.resolve(call + "-" + verbs().get(call) + "." + what));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove() {
    try {
      Files.delete(script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
