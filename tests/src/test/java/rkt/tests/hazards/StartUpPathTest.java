package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/**
 * The short commands and `run` of a stored image load no class that costs start-up time
 * (docs/adr/0001).
 */
class StartUpPathTest {
  private static final List<String> BANNED =
      List.of(
          "java.net.http.",
          "java.util.logging.",
          "java.util.regex.",
          "java.text.",
          "java.util.Formatter",
          "org.apache.commons.",
          "com.github.luben.",
          "org.tukaani.",
          "java.security.KeyStore",
          "sun.security.ssl.",
          "java.lang.foreign.Linker",
          "java.lang.invoke.StringConcat",
          "java.lang.runtime.SwitchBootstraps",
          "org.bouncycastle.",
          "io.grpc.",
          "java.lang.reflect.Proxy$");

  /** A class made while we wait: for the first equals of a record, a lambda no cache has. */
  private static final String MADE = "source: __JVM_LookupDefineClass__";

  @ParameterizedTest
  @ValueSource(strings = {"version", "list", "image list", "status", "run", "run --net=default"})
  void loadsNothingHeavy(String command) throws IOException {
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "true");
      String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
      rkt.insecure("run", "--net=none", id).ok();
      List<String> args = new ArrayList<>(List.of(command.split(" ")));
      if (command.equals("status")) {
        args.add(rkt.pods().getFirst());
      } else if (command.startsWith("run")) {
        args.addAll(command.equals("run") ? List.of("--net=none", id) : List.of(id));
      }
      Path log = rkt.home().resolve("classes.log");
      String profile = command.startsWith("run") ? "run" : "short";
      execute(javaCommand(rkt, profile, log), rkt, args);
      List<String> heavy = new ArrayList<>();
      for (String line : Files.readAllLines(log)) {
        for (String banned : BANNED) {
          if (line.contains(" " + banned) || line.startsWith(banned)) {
            heavy.add(line);
          }
        }
      }
      assertThat(Files.size(log)).isPositive();
      assertThat(heavy).isEmpty();
      Path cache = Rkt.ROOT.resolve("build/rkt/lib/aot/" + profile + ".aot");
      List<String> cached = javaCommand(rkt, profile, log);
      cached.add(1, "-XX:AOTCache=" + cache);
      execute(cached, rkt, args);
      assertThat(Files.readAllLines(log)).noneMatch(line -> line.endsWith(MADE));
    }
  }

  private static void execute(List<String> java, Rkt rkt, List<String> args) {
    List<String> all = new ArrayList<>(java);
    all.addAll(rkt.command().subList(1, rkt.command().size()));
    all.add("--insecure-options=image");
    all.addAll(args);
    Rkt.exec(all.toArray(String[]::new)).ok();
  }

  /** The launcher's own flags for the profile, with the class-load log switched on. */
  private static List<String> javaCommand(Rkt rkt, String profile, Path log) throws IOException {
    Path dist = Rkt.ROOT.resolve("build/rkt");
    Path alias = rkt.home().resolve("rkt-java-args");
    if (!Files.exists(alias)) {
      Files.createSymbolicLink(alias, dist.resolve("bin/rkt"));
    }
    List<String> command = new ArrayList<>();
    command.add(dist.resolve("lib/runtime/bin/java").toString());
    for (String flag : Rkt.exec(alias.toString(), profile).ok().out().split("\n")) {
      if (flag.equals("-m")) {
        command.add("-Xlog:class+load=info:file=" + log + ":none");
      }
      command.add(flag);
    }
    return command;
  }

  @Test
  void everyProfileHasACache() {
    for (String profile : List.of("short", "run", "work")) {
      assertThat(Rkt.ROOT.resolve("build/rkt/lib/aot/" + profile + ".aot")).isNotEmptyFile();
    }
  }
}
